# frozen_string_literal: true

module Wasmtime
  class Plugin
    # Guests that serve one call after the other, one at a time. One whose call did not end well is thrown away.
    # @api private
    class KeptInstances < Instances
      # How often a call that was given a place lets other threads run, so that the instance of that place comes back too.
      PASSES = 20
      private_constant :PASSES

      def initialize(...)
        super
        @idle = []
        # About how many there are: those that an interruption lost still count.
        @alive = 0
        @keep = true
        @generation = Forks.generation
      end

      # (see Instances#take)
      def take(invocation)
        @slots.hold(invocation, @patience) { raise CheckoutTimeout, invocation.message(busy("instances (reuse:)")) }
        forget_parent if @generation != Forks.generation
        invocation.guest = @idle.pop || returning || make(invocation)
      end

      # Nothing is lost by an interruption but the guest, whose memory is not the pool's. The place is given back first, which cannot be interrupted;
      # for a moment there may be a place without its guest.
      # @param invocation [Invocation]
      # @param well [Boolean]
      # @return [void]
      def give(invocation, well)
        @slots.release(invocation)
        guest = invocation.guest
        return @idle.push(guest) if well && @keep && @idle.size < @most
        return unless guest

        @alive -= 1
        guest.close
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

      def make(invocation)
        super.tap { @alive += 1 }
      end

      # A guest whose place was given back a moment ago.
      def returning
        return if @alive < @most

        PASSES.times do
          Thread.pass
          guest = @idle.pop
          return guest if guest
        end
        nil
      end

      # What guests of the parent process know is theirs: random numbers, say. They cannot be closed here. The generation comes last, because other
      # threads look at it.
      def forget_parent
        @idle = []
        @alive = 0
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
