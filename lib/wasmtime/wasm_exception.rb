# frozen_string_literal: true

module Wasmtime
  # A WebAssembly exception that the guest threw and nobody caught.
  class WasmException < Error
    # @return [Array<Trap::Frame>] the wasm frames, innermost first; frozen
    attr_reader :frames

    # @param message [String, nil] what happened
    # @param frames [Array<Trap::Frame>] the wasm frames, innermost first
    # @return [void]
    def initialize(message = nil, frames: [])
      super(message)
      @frames = frames.dup.freeze
    end

    class << self
      private

      def _build(message, rows)
        frames = rows.map { |row| Trap::Frame.new(*row).freeze }
        exception = new(message, frames: frames)
        exception.set_backtrace(frames.map(&:to_s) + caller(1))
        exception
      end
    end
  end
end
