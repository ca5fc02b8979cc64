# frozen_string_literal: true

module Wasmtime
  module Component
    # `list<T>`: an Array, and for bytes a String too.
    class ListType
      include Type

      # @return [Symbol, Type] the type of its items
      attr_reader :element

      # @param element [Symbol, Type] the type of its items
      # @param fixed_length [Boolean] whether every list of the type is equally long
      # @return [void]
      # @raise [ArgumentError] for a type that does not exist
      # @raise [TypeError] for what is no type of values
      def initialize(element, fixed_length: false)
        @element = Type._value(element)
        @fixed_length = fixed_length ? true : false
        _seal
      end

      # @return [Boolean] whether every list of the type is equally long. Wasmtime does not tell how long: it prints as `list<T, _>`
      def fixed_length?
        @fixed_length
      end

      # @api private
      def _state
        { element: element }
      end

      # @api private
      def _flags
        { fixed_length: fixed_length? }
      end

      # @api private
      def _wit(wit)
        "list<#{wit.type(element)}#{', _' if fixed_length?}>"
      end
    end
  end
end
