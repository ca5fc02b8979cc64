# frozen_string_literal: true

module Wasmtime
  module Component
    # `option<T>`: nil or a value; {Some} where that would be ambiguous.
    class OptionType
      include Type

      # @return [Symbol, Type] the type of the value
      attr_reader :type

      # @param type [Symbol, Type] the type of the value
      # @return [void]
      # @raise [ArgumentError] for a type that does not exist
      # @raise [TypeError] for what is no type of values
      def initialize(type)
        @type = Type._value(type)
        _seal
      end

      # @api private
      def _state
        { type: type }
      end

      # @api private
      def _wit(wit)
        "option<#{wit.type(type)}>"
      end
    end
  end
end
