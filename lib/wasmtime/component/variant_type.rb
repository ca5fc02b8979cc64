# frozen_string_literal: true

module Wasmtime
  module Component
    # `variant`: one of several cases, some with a value; a {Variant}.
    class VariantType
      include Type
      include BracedType

      # @return [Hash{String => Symbol, Type, nil}] the type of each case's value, nil for a case without one; frozen
      attr_reader :cases

      # @param cases [Hash{String, Symbol => Symbol, Type, nil}] the type of each case's value, in order
      # @return [void]
      # @raise [ArgumentError] for a type that does not exist
      # @raise [TypeError] for what is no type of values
      def initialize(cases)
        @cases = Type._members(cases) { |type| Type._optional(type) }
        _seal
      end

      # @api private
      def _state
        { cases: cases }
      end

      # @api private
      def _keyword
        "variant"
      end

      # @api private
      def _lines(wit)
        cases.map { |name, type| type ? "#{Wit.id(name)}(#{wit.type(type)})" : Wit.id(name) }
      end
    end
  end
end
