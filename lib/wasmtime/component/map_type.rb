# frozen_string_literal: true

module Wasmtime
  module Component
    # `map<K, V>`: a Hash.
    class MapType
      include Type

      # @return [Symbol, Type] the type of its keys
      attr_reader :key
      # @return [Symbol, Type] the type of its values
      attr_reader :value

      # @param key [Symbol, Type] the type of its keys
      # @param value [Symbol, Type] the type of its values
      # @return [void]
      # @raise [ArgumentError] for a type that does not exist
      # @raise [TypeError] for what is no type of values
      def initialize(key, value)
        @key = Type._value(key)
        @value = Type._value(value)
        _seal
      end

      # @api private
      def _state
        { key: key, value: value }
      end

      # @api private
      def _wit(wit)
        "map<#{wit.type(key)}, #{wit.type(value)}>"
      end
    end
  end
end
