# frozen_string_literal: true

module Wasmtime
  class Plugin
    class Registry
      # What is in the folder of a registry.
      # @api private
      class Folder
        CODE = %w[.wasm .wat].freeze
        private_constant :CODE

        # @return [String]
        attr_reader :path

        # @param path [String, Pathname]
        # @raise [Error] when there is no such folder
        def initialize(path)
          @path = File.expand_path(path).freeze
        end

        # @param options [Hash{Symbol => Object}] for {Plugin.load}
        # @return [Hash{String => Entry}] by name, sorted
        # @raise [Error] when the folder is gone, or two plugins in it have one name
        def entries(options)
          paths = children.filter_map { |child| [name(child), child] if plugin?(child) }
          paths.group_by(&:first).sort.to_h do |name, same|
            raise Error, "#{same.map { |_name, child| File.join(path, child) }.join(' and ')} have one name: rename one of them" if same.size > 1

            [name, Entry.new(name, File.join(path, same.first.last), path, options)]
          end.freeze
        end

        private

        def children
          Dir.children(path)
        rescue SystemCallError => e
          raise Error, "the folder of plugins cannot be read: #{e.message}"
        end

        # What is hidden, or has a name that would not be one of a plugin, is something else.
        def plugin?(child)
          return false unless name(child).match?(ManifestReader::NAME)

          full = File.join(path, child)
          CODE.include?(File.extname(child)) ? File.file?(full) : File.file?(File.join(full, Manifest::FILE))
        end

        def name(child)
          CODE.include?(File.extname(child)) ? File.basename(child, ".*") : child
        end
      end
      private_constant :Folder
    end
  end
end
