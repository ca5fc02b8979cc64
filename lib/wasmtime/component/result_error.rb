# frozen_string_literal: true

module Wasmtime
  module Component
    # The error of a WIT `result` as an exception: {Result#value!} raises it, and a host block whose function has a `result` may raise it instead
    # of returning `Result.error(value)`.
    #
    # @example
    #   inst.func_new("open") { |path| raise Wasmtime::Component::ResultError, "no-entry" unless files.key?(path) }
    class ResultError < Wasmtime::Error
      # @return [Object, nil] what the error carries
      attr_reader :value

      # @param value [Object, nil] what the error carries
      # @return [void]
      def initialize(value = nil)
        super()
        @value = value
      end

      # Made when it is asked for: what a host block ends with is hardly ever read as text.
      # @return [String] the value, to be read by people
      def message
        "result error(#{value&.inspect})"
      end
      alias to_s message

      # For pattern matching.
      # @param _keys [Array<Symbol>, nil]
      # @return [Hash{Symbol => Object}]
      def deconstruct_keys(_keys)
        { value: value, message: message }
      end
    end
  end
end
