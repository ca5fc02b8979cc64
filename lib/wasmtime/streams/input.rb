# frozen_string_literal: true

module Wasmtime
  module Streams
    # A guest's standard input that comes from a Ruby object: a thread reads the object and writes to a pipe of the system's, which holds some
    # 64 KiB, so that little more is read than the guest takes.
    # @api private
    class Input
      CHUNK = 64 << 10
      EXPECTED = "a String, something with readpartial or read (a File, a pipe, a StringIO), :inherit or :null"

      # @return [Exception, nil] what the object raised
      attr_reader :error

      # Whether it can be read.
      def self.check(object)
        return if object.respond_to?(:readpartial) || object.respond_to?(:read)

        raise TypeError, "stdin: expected #{EXPECTED}, got #{object.inspect}"
      end

      def initialize(object)
        @object = object
        @reader, @writer = IO.pipe(binmode: true)
        @thread = Thread.new { carry }
        @thread.name = "wasmtime-rb input"
        @thread.report_on_exception = false
      end

      # @return [String] where native code opens the end to read from
      def path
        "/dev/fd/#{@reader.fileno}"
      end

      # @return [Boolean] whether the guest may still use it
      def alive?
        @thread.alive?
      end

      # Lets go of our own end: the guest's store has one now.
      def opened
        @reader.close
      end

      # Ends it at once; the guest finds the end of its input. What is in the pipe, and what the object was read ahead, is gone.
      def stop
        @thread.kill.join
        @reader.close
        @writer.close
      end

      private

      def carry
        while (bytes = read)
          @writer.write(bytes)
        end
      rescue EOFError, Errno::EPIPE
        nil # of the object, and of a guest that has gone
      rescue IOError => e
        @error = e unless @writer.closed?
      rescue Exception => e # rubocop:disable Lint/RescueException
        @error = e
      ensure
        @writer.close
      end

      def read
        return @object.readpartial(CHUNK) if @object.respond_to?(:readpartial)

        bytes = @object.read(CHUNK)
        bytes unless bytes.nil? || bytes.empty?
      end
    end
  end
end
