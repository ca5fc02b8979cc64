# frozen_string_literal: true

require_relative "registry/entry"
require_relative "registry/folder"

module Wasmtime
  class Plugin
    # The plugins in a folder, by name: files `NAME.wasm` and `NAME.wat`, and folders `NAME` with a manifest `plugin.yml`. A plugin is compiled when
    # it is first asked for, or with all others by {#load_all}.
    #
    # What is granted here is what each plugin may request at most: a plugin without a manifest requests nothing. Threads may share a registry,
    # and so may forked processes: load before forking, and all have the compiled code in common.
    #
    # @example
    #   plugins = Wasmtime::Plugin::Registry.new("plugins", grant: { env: { "SALT" => salt } }, logger: logger)
    #   plugins.load_all
    #   plugins[:redact].call_bytes(:redact, "secret: 1234")
    #   plugins.reload # => { "redact" => :changed }
    class Registry
      include Enumerable

      # @param folder [String, Pathname]
      # @param grant [Hash] what plugins may have at most, as {Plugin.load}
      # @param limits [Hash] as {Plugin.load}
      # @param imports [Hash] what plugins may call, as {Plugin.load}
      # @param logger [Logger, nil] as {Plugin.load}; it is also told what {#reload} does not like
      # @param options [Hash{Symbol => Object}] the other options of {Plugin.load}, for all plugins
      # @return [void]
      # @raise [Error] when there is no such folder, or two plugins in it have one name
      # @raise [ArgumentError] for an option, a permission or a limit that does not exist
      # @raise [TypeError] for arguments of another kind
      def initialize(folder, grant: {}, limits: {}, imports: {}, logger: nil, **options)
        unknown = options.keys - OPTIONS
        raise ArgumentError, "unknown keyword: #{unknown.map(&:inspect).join(', ')}" unless unknown.empty?

        Permissions.of(grant)
        Limits.of(limits)
        @folder = Folder.new(folder)
        @options = { grant: grant, limits: limits, imports: imports, logger: logger, **options }.freeze
        @logger = logger && Log.new(logger, "plugins")
        @lock = Mutex.new
        @entries = @folder.entries(@options)
      end

      # @return [String] where the plugins are
      def folder
        @folder.path
      end

      # A plugin. It stays of use after {#reload}, as the version that it is.
      # @param name [String, Symbol]
      # @return [Plugin]
      # @raise [NotFound] when there is none of that name
      # @raise [ClosedError] when the registry was closed
      # @raise [Error] when it cannot be loaded; the message names it, and the reason is the cause
      def [](name)
        key = Wasmtime._name(name)
        entry = entries[key] || not_found(key)
        entry.plugin
      end

      # @param name [String, Symbol]
      # @return [Boolean] whether there is a plugin of that name
      # @raise [ClosedError] when the registry was closed
      def key?(name)
        entries.key?(Wasmtime._name(name))
      end

      # @return [Array<String>] the names of the plugins, sorted
      # @raise [ClosedError] when the registry was closed
      def names
        entries.keys
      end

      # @return [Integer] how many plugins there are
      # @raise [ClosedError] when the registry was closed
      def size
        entries.size
      end

      # Gives each plugin to a block, by name; they are loaded on the way.
      # @yieldparam plugin [Plugin]
      # @return [self, Enumerator] an Enumerator without a block
      # @raise [ClosedError] when the registry was closed
      # @raise [Error] when one cannot be loaded
      def each
        return enum_for(:each) { size } unless block_given?

        entries.each_value { |entry| yield entry.plugin }
        self
      end

      # Loads all plugins now.
      # @return [self]
      # @raise [ClosedError] when the registry was closed
      # @raise [Error] when some cannot be loaded; the message names all of them, and the first reason is the cause
      def load_all
        @eager = true
        errors = entries.each_value.filter_map(&:error)
        raise errors.first if errors.one?
        raise Error, "#{errors.size} plugins cannot be loaded:\n#{errors.map(&:message).join("\n")}", cause: errors.first unless errors.empty?

        self
      end

      # Looks at the folder again. What has changed is loaded first, and takes the place of what was there at once; calls that are running end on what
      # they began with. A file that is broken takes the place of nothing: the plugin stays as it was, and the error is in what is returned and,
      # with a logger, in the log.
      # @return [Hash{String => Symbol, Error}] :added, :changed, :removed, or why it could not be loaded, by name; empty when nothing has changed
      # @raise [ClosedError] when the registry was closed
      # @raise [Error] when the folder is gone, or two plugins in it have one name
      def reload
        @lock.synchronize do
          before = entries
          reports = {}
          found = @folder.entries(@options)
          after = found.to_h { |name, entry| [name, newer(name, before[name], entry, reports)] }
          (before.keys - found.keys).each { |name| reports[name] = :removed }
          @entries = after.freeze
          before.each { |name, entry| entry.retire unless entry.equal?(after[name]) }
          reports.freeze
        end
      end

      # Closes all plugins.
      # @return [Boolean] true, or false when it was closed already
      def close
        entries = @lock.synchronize { [@entries, @entries = nil].first }
        entries&.each_value(&:close)
        !entries.nil?
      end

      # @return [Boolean] whether {#close} has ended it
      def closed?
        @entries.nil?
      end

      # @return [String] what it is, to be read by people
      def inspect
        "#<Wasmtime::Plugin::Registry #{folder}#{closed? ? ' (closed)' : ": #{names.join(', ')}"}>"
      end

      # What else plugins may be loaded with.
      OPTIONS = %i[reuse pool checkout_timeout gvl engine cache_dir allocate free].freeze
      private_constant :OPTIONS

      private

      def entries
        @entries || raise(ClosedError, "the registry of #{folder} was closed")
      end

      def not_found(name)
        known = names.empty? ? "it has none" : "it has #{names.join(', ')}"
        raise NotFound.new("there is no plugin #{name.inspect} in #{folder}#{Untrusted.hint(name, names)} (#{known})", key: name)
      end

      # The entry that is to be there from now on.
      def newer(name, old, found, reports)
        return old if old&.same?(found)

        error = found.error if @eager || old&.loaded?
        if error
          reports[name] = error
          @logger&.error("could not be reloaded, and stays as it was: #{error.message}")
          old ? old.kept_for(found) : found
        else
          reports[name] = old ? :changed : :added
          found
        end
      end
    end
  end
end
