# frozen_string_literal: true

module Wasmtime
  module Streams
    # A guest's standard input that comes from a Ruby object: a thread reads the object and writes to a pipe of the system's, which holds some
    # 64 KiB, so that little more is read than the guest takes.
    # @api private
    class Input < Pipe
      EXPECTED = "a String, something with readpartial or read (a File, a pipe, a StringIO), :inherit or :null"

      # Whether it can be read.
      def self.check(object)
        return if object.respond_to?(:readpartial) || object.respond_to?(:read)

        raise TypeError, "stdin: expected #{EXPECTED}, got #{object.inspect}"
      end

      def initialize(object)
        @object = object
        super("input")
      end

      private

      def guests_end
        @reader
      end

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
