# frozen_string_literal: true

module Wasmtime
  class Plugin
    # Guests that serve one call after the other, one at a time. One whose call did not end well is thrown away.
    # @api private
    class KeptInstances < Instances
      def initialize(...)
        super
        @idle = []
        @keep = true
        @generation = Forks.generation
      end

      # (see Instances#take)
      def take(invocation)
        @slots.hold(invocation, @patience) { raise CheckoutTimeout, invocation.message(busy("instances (reuse:)")) }
        forget_parent if @generation != Forks.generation
        invocation.guest = @idle.pop || make(invocation)
      end

      # Nothing is lost by an interruption but the guest, whose memory is not the pool's. The place is given back first, which cannot be interrupted;
      # for a moment there may be one guest more.
      # @param invocation [Invocation]
      # @param well [Boolean]
      # @return [void]
      def give(invocation, well)
        @slots.release(invocation)
        guest = invocation.guest
        well && @keep && @idle.size < @most ? @idle.push(guest) : guest&.close
      end

      # (see Instances#close)
      def close
        @keep = false
        forget_parent if @generation != Forks.generation
        while (guest = @idle.pop)
          guest.close
        end
      end

      private

      # What guests of the parent process know is theirs: random numbers, say. They cannot be closed here. The generation comes last, because other
      # threads look at it.
      def forget_parent
        @idle = []
        @generation = Forks.generation
      end
    end
    private_constant :KeptInstances

    # Kept guests whose output somebody reads: it is taken before another call may have the guest.
    # @api private
    class LoggedInstances < KeptInstances
      # (see KeptInstances#give)
      def give(invocation, well)
        Thread.handle_interrupt(UNINTERRUPTED) do
          invocation.take_outputs if invocation.guest
          super
        end
      end
    end
    private_constant :LoggedInstances
  end
end
