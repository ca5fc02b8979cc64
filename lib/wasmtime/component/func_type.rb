# frozen_string_literal: true

module Wasmtime
  module Component
    # The type of a component's function.
    #
    # @example
    #   Wasmtime::Component::FuncType.new({ a: :s32, b: :s32 }, :s64).to_s # => "func(a: s32, b: s32) -> s64"
    class FuncType
      include Type

      # @return [Hash{String => Symbol, Type}] the types of its parameters; frozen
      attr_reader :params
      # @return [Symbol, Type, nil] the type of its result, nil when there is none
      attr_reader :result

      # @param params [Hash{String, Symbol => Symbol, Type}] the types of its parameters, in order
      # @param result [Symbol, Type, nil] the type of its result
      # @param async [Boolean] whether WIT declares it `async`
      # @return [void]
      # @raise [ArgumentError] for a type that does not exist
      # @raise [TypeError] for what is no type of values
      def initialize(params, result = nil, async: false)
        @params = Type._members(params) { |type| Type._value(type) }
        @result = Type._optional(result)
        @async = async ? true : false
        _seal
      end

      # @return [Boolean] whether WIT declares it `async`
      def async?
        @async
      end

      # @api private
      def _value?
        false
      end

      # @api private
      def _state
        { params: params, result: result }
      end

      # @api private
      def _flags
        { async: async? }
      end

      # @api private
      def _wit(wit)
        "#{'async ' if async?}func#{wit.signature(params, result)}"
      end
    end
  end
end
