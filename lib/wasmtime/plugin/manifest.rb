# frozen_string_literal: true

require_relative "manifest_reader"

module Wasmtime
  class Plugin
    # What a plugin says of itself and requests: a file `plugin.yml` beside its code, or a Hash. It only requests: what the host does not grant is not
    # given, and limits are lowered by it, never raised. Frozen.
    #
    # @example plugin.yml
    #   name: redact
    #   version: "1.2"
    #   wasm: redact.wasm
    #   sha256: 6a7f...
    #   permissions:
    #     env: [PII_SALT]
    #     dirs: { /rules: read_only }
    #     stdio: [stderr]
    #   limits: { timeout: 0.5, memory_size: 33554432 }
    #   call: { allocate: allocate, free: free }
    class Manifest
      # The usual name of the file.
      FILE = "plugin.yml"

      # @return [String, nil] the plugin's name, unless the host gives it another
      attr_reader :name
      # @return [String, nil] its version
      attr_reader :version
      # @return [String, nil] what it does
      attr_reader :description
      # @return [String, nil] the path of its code, relative to the folder of the manifest
      attr_reader :wasm
      # @return [String, nil] the SHA-256 of its code in hexadecimal
      attr_reader :sha256
      # @return [Hash{Symbol => Object}] what it requests: `dirs:` (modes by path), `env:` (names) and `stdio:` (streams)
      attr_reader :permissions
      # @return [Hash{Symbol => Numeric}] limits it can do with
      attr_reader :limits
      # @return [Hash{Symbol => String, false}] the names of its functions `allocate:` and `free:`
      attr_reader :call

      class << self
        # Reads a manifest.
        # @param path [String, Pathname] a YAML file
        # @return [Manifest]
        # @raise [ManifestError] when it cannot be read, is no YAML, has unknown keys, or says what cannot be said
        def load(path)
          path = File.path(path)
          new(yaml(path), path)
        end

        private

        def yaml(path)
          require "yaml"
          YAML.safe_load(read(path), filename: path)
        rescue Psych::Exception => e
          raise ManifestError, "#{path} is no YAML that is allowed here: #{Untrusted.line(e.message)}"
        end

        def read(path)
          raise ManifestError, "#{path} is no regular file" if File.exist?(path) && !File.file?(path)

          text = File.open(path, "r:UTF-8") { |file| file.read(ManifestReader::LONGEST + 1) }.to_s
          return text if text.bytesize <= ManifestReader::LONGEST

          raise ManifestError, "#{path} is longer than #{ManifestReader::LONGEST} bytes, which no manifest is"
        rescue SystemCallError => e
          raise ManifestError, "the manifest #{path} cannot be read: #{e.message}"
        end
      end

      # @param given [Hash{String, Symbol => Object}] what would be in the file
      # @param path [String] where it comes from, for messages
      # @return [void]
      # @raise [ManifestError] for unknown keys, and for what a manifest cannot say
      def initialize(given, path = "the manifest")
        reader = ManifestReader.new(given, path)
        @name = reader.name
        @version = reader.text("version")
        @description = reader.text("description")
        @wasm = reader.text("wasm")
        @sha256 = reader.sha256
        @permissions = reader.permissions
        @limits = reader.limits
        @call = reader.call
        freeze
      end

      # @return [Hash{Symbol => Object}] everything it says
      def to_h
        { name: name, version: version, description: description, wasm: wasm, sha256: sha256, permissions: permissions, limits: limits, call: call }
      end

      # @return [String] what it is, to be read by people
      def inspect
        "#<Wasmtime::Plugin::Manifest #{to_h.reject { |_key, value| value.nil? || value.empty? }.inspect}>"
      end
    end
  end
end
