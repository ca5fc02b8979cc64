# frozen_string_literal: true

module Wasmtime
  class Plugin
    # Where calls get their guests from: a fresh one each. Exceptions of other threads (Timeout, Thread#kill) may come between any two steps, but not
    # where that would lose a place or a store.
    # @api private
    class Instances
      UNINTERRUPTED = { Object => :never }.freeze
      private_constant :UNINTERRUPTED

      # @param most [Integer] guests at the same time
      # @param patience [Numeric] seconds to wait for one
      # @param room [Slots, nil] what the engine has room for
      # @yieldreturn [Guest] a new one
      def initialize(most, patience, room: nil, &make)
        @make = make
        @most = most
        @patience = patience
        @room = room
        @slots = Slots.new(most)
      end

      # @param invocation [Invocation] who is given a guest
      # @return [void]
      # @raise [CheckoutTimeout]
      def take(invocation)
        @slots.hold(invocation, @patience) { raise CheckoutTimeout, invocation.message(busy("calls at a time (pool:)")) }
        @room&.hold(invocation, @patience) { raise CheckoutTimeout, invocation.message(full) }
        make(invocation)
      end

      # The first thing it does cannot be interrupted.
      # @param invocation [Invocation] also one that was given nothing
      # @param _well [Boolean] whether its call ended well
      # @return [void]
      def give(invocation, _well)
        Thread.handle_interrupt(UNINTERRUPTED) do
          gone = invocation.guest.nil? || invocation.take_outputs.close
          # A store that cannot be closed has its memory until Ruby's GC finds it.
          @room&.release(invocation) if gone
          @slots.release(invocation)
        end
      end

      # Frees what is kept. Guests that are busy are closed when their calls end.
      # @return [void]
      def close; end

      private

      def make(invocation)
        Thread.handle_interrupt(UNINTERRUPTED) { invocation.guest = @make.call }
      rescue PoolExhaustedError
        # Of stores that could not be closed.
        GC.start
        invocation.guest = @make.call
      end

      def busy(what)
        "waited #{@patience} s for one of its #{@most} #{what}, and all are busy: give it more, or lower limits: timeout, or wait longer " \
          "(checkout_timeout:)"
      end

      def full
        "waited #{@patience} s for one of the #{Engines::SLOTS} instances that all plugins of a process share, and all are busy: lower pool: or " \
          "limits: timeout, or wait longer (checkout_timeout:)"
      end
    end
    private_constant :Instances
  end
end
