# frozen_string_literal: true

module Wasmtime
  class Plugin
    # Where a plugin comes from: its manifest, if it has one, and the file with its code. That is read once, so that what is checked is what is
    # compiled.
    # @api private
    class Source
      extend Sources

      YAML_FILE = /\.ya?ml\z/i

      # @return [Manifest, nil]
      attr_reader :manifest
      # @return [String] the file with the code
      attr_reader :path
      # So that it may stand for one in {Plugin.load}.
      alias to_path path
      # @return [String] what the plugin is called when nobody says
      attr_reader :default_name

      class << self
        # @param source [String, Pathname, Source] a file with code, a manifest, or a folder that has one
        # @param manifest [Manifest, Hash, nil] instead of the one in a file
        # @param within [String, nil] the folder that a file with code may not be outside of
        # @return [Source]
        def find(source, manifest = nil, within: nil)
          return source if source.is_a?(Source)

          source = File.expand_path(_path(source))
          manifest = manifest(manifest)
          return in_folder(source, manifest || Manifest.load(File.join(source, Manifest::FILE)), source) if File.directory?(source)
          return in_folder(File.dirname(source), manifest || Manifest.load(source), source) if source.match?(YAML_FILE)

          path = within ? inside(within, source, source) : source
          check_same(source, manifest) if manifest&.wasm
          new(manifest, path, File.basename(source, ".*"))
        end

        # The bytes of a file.
        # @return [String]
        def read(path)
          _read(_regular(path))
        end

        private

        def manifest(given)
          case given
          when nil, Manifest then given
          when Hash then Manifest.new(given)
          else raise TypeError, "manifest: expected a Hash or a Wasmtime::Plugin::Manifest, got #{given.class}: a file is given as the source"
          end
        end

        def in_folder(folder, manifest, named)
          raise ManifestError, "#{named}: wasm: is missing: the path of the code, relative to the manifest" unless manifest.wasm

          new(manifest, inside(folder, File.expand_path(manifest.wasm, folder), named), manifest.name || File.basename(folder))
        end

        # Symbolic links are followed first, those of the folder too.
        def inside(folder, path, named)
          real = File.realpath(path)
          return real if real.start_with?(File.join(File.realpath(folder), ""))

          raise PermissionError, "#{Untrusted.line(named)}: #{Untrusted.line(path)} is outside of #{folder}: the code of a plugin has to be in its " \
                                 "folder, symbolic links included"
        rescue SystemCallError => e
          raise Error, "#{Untrusted.line(named)}: the code cannot be read: #{Untrusted.line(e.message)}"
        end

        def check_same(source, manifest)
          named = inside(File.dirname(source), File.expand_path(manifest.wasm, File.dirname(source)), "the manifest")
          return if named == File.realpath(source)

          raise ManifestError, "the manifest is for #{manifest.wasm}, and not for #{source}"
        end
      end

      def initialize(manifest, path, default_name)
        @manifest = manifest
        @path = path
        @default_name = manifest&.name || default_name
      end

      # The code.
      # @param expected [Array<String>] digests in hexadecimal that it must have
      # @return [String]
      # @raise [PermissionError] when it has another
      def bytes(expected)
        bytes = self.class.read(path)
        return bytes if expected.empty?

        require "digest/sha2"
        digest = Digest::SHA256.hexdigest(bytes)
        wrong = expected.find { |one| one != digest }
        return bytes unless wrong

        raise PermissionError, "#{path} is not what was expected: its SHA-256 is #{digest}, and should be #{wrong}"
      end
    end
    private_constant :Source
  end
end
