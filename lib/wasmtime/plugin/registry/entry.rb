# frozen_string_literal: true

module Wasmtime
  class Plugin
    class Registry
      # A plugin of a registry, loaded or not yet.
      # @api private
      class Entry
        # A request for nothing at all: what plugins without a manifest make.
        NOTHING = Manifest.new({}).freeze
        private_constant :NOTHING

        # @return [Array] what can be seen of its files without reading them
        attr_reader :signature

        # @param name [String]
        # @param path [String] the file, or the folder with a manifest
        # @param folder [String] the registry's
        # @param options [Hash{Symbol => Object}] for {Plugin.load}
        def initialize(name, path, folder, options)
          @name = name
          @path = path
          @folder = folder
          @options = options
          @signature = look
          @lock = Mutex.new
        end

        # @return [Plugin] the same each time
        # @raise [Error] when it cannot be loaded
        def plugin
          @plugin || @lock.synchronize { @plugin ||= load }
        end

        # @return [Boolean] whether it has been loaded
        def loaded?
          !@plugin.nil?
        end

        # Why it cannot be loaded; it is tried now.
        # @return [Error, nil]
        def error
          plugin
          nil
        rescue Wasmtime::Error => e
          e
        end

        # @return [Boolean] whether another one is of the same files, or of those that were broken
        def same?(other)
          signature == other.signature
        end

        # Stays what it is, although the files have changed: what they are now is broken.
        # @return [self]
        def kept_for(other)
          @signature = other.signature
          self
        end

        def retire
          @plugin&._retire
        end

        def close
          @plugin&.close
        end

        private

        def load
          Plugin.load(source, name: @name, **@options)
        rescue Plugin::Error
          raise
        rescue Wasmtime::Error => e
          raise Plugin::Error, "plugin #{@name}: #{e.message}"
        end

        def source
          File.directory?(@path) ? Source.find(@path) : Source.find(@path, NOTHING, within: @folder)
        end

        # The manifest is read for where the code is; whether it is right is found out when it is loaded.
        def look
          [@path, *(File.directory?(@path) ? [File.join(@path, Manifest::FILE), code] : [])].compact.map { |path| [path, *stat(path)] }
        end

        def code
          Source.find(@path).path
        rescue Wasmtime::Error
          nil
        end

        def stat(path)
          stat = File.stat(path)
          [stat.ino, stat.dev, *([stat.size, stat.mtime] if stat.file?)]
        rescue SystemCallError
          nil
        end
      end
      private_constant :Entry
    end
  end
end
