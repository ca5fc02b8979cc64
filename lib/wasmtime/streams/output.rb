# frozen_string_literal: true

require "io/wait"

require_relative "target"

module Wasmtime
  module Streams
    # A guest's output on its way to a Ruby object: a pipe of the system's, and a thread that brings what comes out of it to the object. Native
    # code must not run Ruby where it takes output, and a guest that waits for its reader must not keep that reader from running.
    # @api private
    class Output < Pipe
      # @param target [Target::Writer, Target::Lines]
      # @param limit [Integer, nil] bytes; what is over it is dropped
      # @yield when bytes were dropped for the first time
      def initialize(target, limit, &dropped)
        @target = target
        @room = limit || Float::INFINITY
        @dropped = dropped
        @lock = Mutex.new
        @rested = ConditionVariable.new
        super("output")
      end

      # Waits until what was written so far has arrived.
      def flush
        return if Thread.current == @thread

        @lock.synchronize do
          # Bytes may be in the pipe before the thread has noticed, hence the time.
          @rested.wait(@lock, 0.01) until at_rest?
        end
      end

      # Waits until everything has arrived; the guest's end is closed.
      # @param seconds [Float, nil] how long it may take; what has not arrived then counts as dropped
      def finish(seconds = nil)
        @dropped.call unless Thread.current == @thread || @thread.join(*seconds)
      end

      private

      def guests_end
        @writer
      end

      def carry
        while @reader.wait_readable
          @busy = true
          bytes = @reader.readpartial(CHUNK)
          take(bytes)
          rest
        end
      rescue EOFError
        # A line that was not ended.
        guarded { @target.finish }
      rescue IOError
        nil # stopped
      ensure
        rest
        @reader.close
      end

      def take(bytes)
        if bytes.bytesize > @room
          bytes = bytes.byteslice(0, @room)
          @dropped.call
        end
        @room -= bytes.bytesize
        guarded { @target.call(bytes) } unless bytes.empty?
      end

      # What an object raises is the caller's, who gets it when the call is over. The guest writes to nobody from then on.
      def guarded
        yield
      rescue Exception => e # rubocop:disable Lint/RescueException
        @error ||= e
        @reader.close
      end

      def rest
        @lock.synchronize do
          @busy = false
          @rested.broadcast
        end
      end

      # In this order: what is no longer in the pipe is in the thread's hands, and @busy says so.
      def at_rest?
        !@thread.alive? || @reader.closed? || (!@reader.wait_readable(0) && !@busy)
      end
    end
  end
end
