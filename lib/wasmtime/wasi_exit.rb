# frozen_string_literal: true

module Wasmtime
  # A WASI program ended itself with `proc_exit`, also with 0.
  class WasiExit < Error
    # @return [Integer] the exit code
    attr_reader :code

    # @param code [Integer] the exit code
    # @return [void]
    def initialize(code)
      super("WASI exit with code #{code}")
      @code = code
    end

    # For pattern matching.
    # @param _keys [Array<Symbol>, nil]
    # @return [Hash{Symbol => Object}]
    def deconstruct_keys(_keys)
      { code: code, message: message }
    end

    class << self
      private

      def _build(code)
        new(code)
      end
    end
  end
end
