# frozen_string_literal: true

module Wasmtime
  module Component
    # `tuple<A, B>`: an Array of as many values.
    class TupleType
      include Type

      # @return [Array<Symbol, Type>] the types of its items; frozen
      attr_reader :types

      # @param types [Array<Symbol, Type>] the types of its items
      # @return [void]
      # @raise [ArgumentError] for a type that does not exist
      # @raise [TypeError] for what is no type of values
      def initialize(types)
        @types = Wasmtime._array(types).map { |type| Type._value(type) }.freeze
        _seal
      end

      # @api private
      def _state
        { types: types }
      end

      # @api private
      def _wit(wit)
        "tuple<#{types.map { |type| wit.type(type) }.join(', ')}>"
      end
    end
  end
end
