# frozen_string_literal: true

module Wasmtime
  module Component
    # `result<T, E>`: a {Result}.
    class ResultType
      include Type

      # @return [Symbol, Type, nil] the type of the value when it is ok, nil when there is none
      attr_reader :ok
      # @return [Symbol, Type, nil] the type of the value when it is an error, nil when there is none
      attr_reader :error

      # @param ok [Symbol, Type, nil] the type of the value when it is ok
      # @param error [Symbol, Type, nil] the type of the value when it is an error
      # @return [void]
      # @raise [ArgumentError] for a type that does not exist
      # @raise [TypeError] for what is no type of values
      def initialize(ok = nil, error = nil)
        @ok = Type._optional(ok)
        @error = Type._optional(error)
        _seal
      end

      # @api private
      def _state
        { ok: ok, error: error }
      end

      # @api private
      def _wit(wit)
        return "result<#{ok ? wit.type(ok) : '_'}, #{wit.type(error)}>" if error

        ok ? "result<#{wit.type(ok)}>" : "result"
      end
    end
  end
end
