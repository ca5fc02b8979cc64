# frozen_string_literal: true

module Wasmtime
  module Streams
    # What Ruby objects do with the bytes of a guest: `call(bytes)` as they come, and `finish` at the end.
    # @api private
    module Target
      # Of a line; a longer one is cut, because a guest may never end one.
      LONGEST_LINE = 64 << 10

      # Bytes into whatever has `write`.
      class Writer
        def initialize(io)
          @io = io
        end

        def call(bytes)
          @io.write(bytes)
          # What arrives must not wait in a buffer for more; a closed one says so by itself.
          @io.flush if @io.respond_to?(:flush)
        end

        def finish; end
      end

      # Lines, without their ends, to a block.
      class Lines
        def initialize(&block)
          @block = block
          @rest = String.new
        end

        def call(bytes)
          lines = (@rest << bytes).lines
          @rest = lines.last&.end_with?("\n") ? String.new : lines.pop
          lines.each { |line| give(line.chomp) }
          give(@rest.slice!(0, LONGEST_LINE)) while @rest.bytesize > LONGEST_LINE
        end

        def finish
          give(@rest) unless @rest.empty?
          @rest = String.new
        end

        private

        def give(line)
          @block.call(line.slice!(0, LONGEST_LINE).force_encoding(Encoding::UTF_8)) while line.bytesize > LONGEST_LINE
          @block.call(line.force_encoding(Encoding::UTF_8))
        end
      end

      # The severities of a Logger.
      SEVERITIES = { stdout: :info, stderr: :error }.freeze
      EXPECTED = "a String, something with write (a File, a pipe, a StringIO), a Logger, a Proc that is given lines, :inherit or :null"

      class << self
        # Whether it can take a stream.
        def check(object, stream)
          return if object.respond_to?(:write) || logger?(object) || object.respond_to?(:call)

          raise TypeError, "#{stream}: expected #{EXPECTED}, got #{object.inspect}"
        end

        # One that begins anew, for one store.
        def open(object, stream)
          return Lines.new { |line| object.call(line) } if object.respond_to?(:call)
          return Lines.new { |line| object.public_send(SEVERITIES.fetch(stream), line) } if logger?(object)

          Writer.new(object)
        end

        # Whether its methods are named after severities.
        def logger?(object)
          object.respond_to?(:info) && object.respond_to?(:error)
        end
      end
    end
  end
end
