# frozen_string_literal: true

module Wasmtime
  module CLI
    # How a guest ended: its exit status, and a sentence where it did not end by itself.
    # @api private
    class Ending
      # What `timeout` of the system gives.
      TIMEOUT = 124
      # What a shell gives for a program that aborts.
      TRAP = 134
      LARGEST = 255

      def initialize(path, stderr)
        @path = path
        @stderr = stderr
      end

      # @yieldreturn [Integer] the guest's status
      # @return [Integer] a status that the system can give on
      def status
        fit(yield)
      rescue WasiExit => e
        fit(e.code)
      rescue TimeoutError
        ended(TIMEOUT, "was stopped: it did not end within its timeout")
      rescue OutOfFuelError => e
        ended(TRAP, "used up its fuel#{place(e)}")
      rescue MemoryLimitError => e
        ended(TRAP, "failed after it was denied memory beyond --memory-size#{place(e)}")
      rescue Trap => e
        ended(TRAP, "trapped: #{e.code.to_s.tr('_', ' ')}#{place(e)}")
      rescue WasmException => e
        ended(TRAP, "ended with an exception of WebAssembly that nobody caught: #{Sentence.lines(e.message)}")
      end

      private

      # The system keeps eight bits: 256 would be a success.
      def fit(status)
        status <= LARGEST ? status : 1
      end

      def place(trap)
        frame = trap.frames.first
        " in #{frame.func_name || "function #{frame.func_index}"}" if frame
      end

      def ended(status, text)
        @stderr.puts Sentence.printable("wasmtime-rb: #{@path} #{text}")
        status
      end
    end
    private_constant :Ending
  end
end
