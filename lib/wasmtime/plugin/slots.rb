# frozen_string_literal: true

module Wasmtime
  class Plugin
    # How many may do something at the same time. Holders are known by identity, so giving back twice, or what was never taken, does no harm.
    #
    # The usual case takes no lock: a Hash by identity changes in one step, and whoever finds that it was one too many steps back and waits.
    # @api private
    class Slots
      # Seconds after which who waits looks again by itself: an exception of another thread may come between giving back and telling.
      PATIENCE = 0.1
      private_constant :PATIENCE

      # @param most [Integer]
      # @param leaky [Boolean] whether what a parent process holds stays taken in its children: slots of memory do
      def initialize(most, leaky: false)
        @most = most
        @leaky = leaky
        @lock = Mutex.new
        @freed = ConditionVariable.new
        @waiting = 0
        @generation = Forks.generation
        @held = {}.compare_by_identity
      end

      # Takes a slot, and waits for one if it must.
      # @param holder [Object]
      # @param seconds [Numeric] how long to wait
      # @yield when the time is over; it raises
      # @return [nil]
      def hold(holder, seconds, &)
        @held[holder] = true
        wait(holder, seconds, &) if @held.size > @most
      end

      # Gives it back. The first thing that it does cannot be interrupted.
      # @param holder [Object]
      # @return [void]
      def release(holder)
        @held.delete(holder)
        @lock.synchronize { @freed.signal } if @waiting > 0
      end

      # @return [Integer] how many are taken
      def size
        @held.size
      end

      private

      def wait(holder, seconds)
        @held.delete(holder)
        deadline = Usage._now + seconds
        @lock.synchronize do
          forget_parent
          @waiting += 1
          until hold_now?(holder)
            left = deadline - Usage._now
            yield unless left.positive?
            @freed.wait(@lock, [left, PATIENCE].min)
          end
          nil
        ensure
          @waiting -= 1
        end
      end

      def hold_now?(holder)
        @held[holder] = true
        return true if @held.size <= @most

        @held.delete(holder)
        false
      end

      # Threads of a parent process do not come along in a fork: they give nothing back and wait no more, and Ruby frees their locks.
      def forget_parent
        return if @generation == Forks.generation

        @generation = Forks.generation
        @freed = ConditionVariable.new
        @waiting = 0
        @held = {}.compare_by_identity unless @leaky
      end
    end
    private_constant :Slots
  end
end
