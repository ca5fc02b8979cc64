# frozen_string_literal: true

require "io/wait"

require_relative "target"

module Wasmtime
  module Streams
    # A guest's output on its way to a Ruby object: a pipe of the system's, and a thread that brings what comes out of it to the object. Native
    # code must not run Ruby where it takes output, and a guest that waits for its reader must not keep that reader from running.
    # @api private
    class Output
      CHUNK = 64 << 10

      # @return [Exception, nil] what the object raised
      attr_reader :error

      # @param target [Target::Writer, Target::Lines]
      # @param limit [Integer, nil] bytes; what is over it is dropped
      # @yield when bytes were dropped for the first time
      def initialize(target, limit, &dropped)
        @target = target
        @room = limit || Float::INFINITY
        @dropped = dropped
        @lock = Mutex.new
        @rested = ConditionVariable.new
        @reader, @writer = IO.pipe(binmode: true)
        @thread = Thread.new { carry }
        @thread.name = "wasmtime-rb output"
        @thread.report_on_exception = false
      end

      # @return [String] where native code opens the end to write to
      def path
        "/dev/fd/#{@writer.fileno}"
      end

      # @return [Boolean] whether the guest may still use it
      def alive?
        @thread.alive?
      end

      # Lets go of our own end: the guest's store has one now.
      def opened
        @writer.close
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

      # Ends it at once. A guest that writes is told that nobody reads.
      def stop
        @thread.kill.join unless Thread.current == @thread
        @reader.close
        @writer.close
      end

      private

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
