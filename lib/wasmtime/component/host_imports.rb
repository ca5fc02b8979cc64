# frozen_string_literal: true

module Wasmtime
  module Component
    # What a program gave for the imports of components: functions by name, and interfaces by theirs.
    # @api private
    class HostImports
      VERSION = /@(.+)\z/
      # A version without a pre-release tag, up to where it may differ: `1`, `0.2`, `0.0.3`.
      TRACK = /\A(?:[1-9]\d*|0\.[1-9]\d*|0\.0\.\d+)(?=\.|\z)(?!.*-)/

      class << self
        # Which of several names answers an import: the same name, one of a compatible version, as linkers have it, or one without a version.
        # @param names [Array<String>]
        # @param wanted [String] as the component has it
        # @return [String, nil]
        def match(names, wanted)
          base = plain(wanted)
          names.find { |name| HostInterface.canonical(name) == HostInterface.canonical(wanted) } ||
            names.find { |name| plain(name) == base && track(name) && track(name) == track(wanted) } ||
            names.find { |name| !name.match?(VERSION) && plain(name) == base }
        end

        private

        def plain(name)
          HostInterface.canonical(name.sub(VERSION, ""))
        end

        def track(name)
          name[VERSION, 1]&.slice(TRACK)
        end
      end

      # @param given [Array<Hash>] a later one comes before the earlier ones
      # @raise [TypeError] for what is no Hash
      def initialize(*given)
        @given = given.map do |imports|
          raise TypeError, "imports: expected a Hash, got #{imports.class}" unless imports.respond_to?(:to_hash)

          imports.to_hash.transform_keys { |name| Wasmtime._name(name) }
        end
      end

      # @param name [String] as the component imports it
      # @return [HostInterface, nil] nil when nothing was given for it
      def interface(name)
        found = @given.filter_map { |imports| self.class.match(imports.keys, name)&.then { |key| imports[key] } }
        HostInterface.new(*found) unless found.empty?
      end

      # @return [HostInterface] for what a component imports without an interface
      def root
        @root ||= HostInterface.new(*@given)
      end

      # Every name that was given, for "did you mean".
      # @return [Array<String>]
      def names
        @given.flat_map(&:keys).uniq
      end
    end
    private_constant :HostImports
  end
end
