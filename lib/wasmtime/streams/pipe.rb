# frozen_string_literal: true

module Wasmtime
  module Streams
    # A pipe of the system's between a guest and a Ruby object, and the thread on our side of it. Native code opens the guest's end by its path.
    # @api private
    class Pipe
      CHUNK = 64 << 10

      # @return [Exception, nil] what the object raised
      attr_reader :error

      # Begins at once: whoever inherits has set up everything else by then.
      # @param name [String] of the thread, for people
      def initialize(name)
        @reader, @writer = IO.pipe(binmode: true)
        @thread = Thread.new { carry }
        @thread.name = "wasmtime-rb #{name}"
        @thread.report_on_exception = false
      end

      # @return [Boolean] whether the guest may still use it
      def alive?
        @thread.alive?
      end

      # @return [String] where native code opens the guest's end
      def path
        "/dev/fd/#{guests_end.fileno}"
      end

      # Lets go of our own copy of the guest's end: its store has one now.
      def opened
        guests_end.close
      end

      # Ends it at once: a guest that reads finds the end of its input, one that writes is told that nobody reads. What is in the pipe is gone.
      def stop
        @thread.kill.join unless Thread.current == @thread
        @reader.close
        @writer.close
      end
    end
  end
end
