# frozen_string_literal: true

module Wasmtime
  class Runner
    # Runs a guest whose streams are Ruby objects on a thread of its own. A guest that waits for such an object waits where nothing reaches it
    # but the end of the stream; the thread that called stays in Ruby, where timeouts and interrupts find it, and ends the streams.
    # @api private
    class Worker
      # Seconds between two looks at what there is to do for a guest.
      PATIENCE = 0.02

      def initialize(store, sandbox, timeout)
        @store = store
        @sandbox = sandbox
        @deadline = timeout && (Usage._now + timeout)
        @late = false
      end

      # @return [Object] what the block returns
      # @raise [TimeoutError] also when it returned, but only because it was cut short
      def run(&)
        thread = Thread.new(&)
        thread.report_on_exception = false
        hurry until thread.join(PATIENCE)
        finished(thread)
      ensure
        stop(thread) if thread&.alive?
      end

      private

      def finished(thread)
        value = thread.value
        @late ? too_late : value
      rescue WasiExit, Program::Failed
        @late ? too_late : raise
      end

      def too_late
        raise TimeoutError.new("the call did not end within its timeout", code: Trap::INTERRUPT)
      end

      # What one of the objects raises ends the guest, whose own clock may not be heard where it waits.
      def hurry
        @store.interrupt if @sandbox.error
        return unless @deadline && Usage._now > @deadline + PATIENCE

        @late = true
        # First its input: that leaves what it wrote. Then its output, which nobody may be reading.
        Usage._now > @deadline + (PATIENCE * 2) ? @sandbox.stop : @sandbox.end_input
      end

      def stop(thread)
        @sandbox.stop
        thread.kill
        thread.join
      end
    end
  end
end
