# frozen_string_literal: true

module Wasmtime
  module Component
    # `future<T>`: one value that comes later. Functions that take or give one cannot be called from Ruby.
    class FutureType
      include Type

      # @return [Symbol, Type, nil] the type of what comes, nil when there is no value
      attr_reader :type

      # @param type [Symbol, Type, nil] the type of what comes
      # @return [void]
      # @raise [ArgumentError] for a type that does not exist
      # @raise [TypeError] for what is no type of values
      def initialize(type = nil)
        @type = Type._optional(type)
        _seal
      end

      # @api private
      def _state
        { type: type }
      end

      # @api private
      def _wit(wit)
        type ? "future<#{wit.type(type)}>" : "future"
      end
    end
  end
end
