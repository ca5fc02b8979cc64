# frozen_string_literal: true

module Wasmtime
  module CLI
    # The sections of a WebAssembly binary.
    # @api private
    class Binary
      # Numbers of sections, of modules and of components.
      CUSTOM = 0
      CODE = 10
      DATA = 11
      DATA_COUNT = 12
      CORE_MODULE = 1
      COMPONENT = 4
      # The custom sections with names, and the part of both that names the whole.
      NAMES = %w[name component-name].freeze
      # A function of any type: three bytes, no locals, `unreachable` and `end`.
      STUB = "\x03\x00\x00\x0b".b
      DEEPEST = 100

      # @param bytes [String] binary, a module or a component
      # @param depth [Integer] how many components it lies in
      # @raise [CompileError] when it is cut off or nested too deep
      def initialize(bytes, depth = 0)
        raise CompileError, "components are nested more than #{DEEPEST} deep" if depth > DEEPEST

        @bytes = bytes
        @depth = depth
      end

      # @return [Boolean]
      def component?
        @bytes.byteslice(6, 2) == "\x01\0".b
      end

      # The same without what takes long to compile: functions have the least of bodies, and there are no data. Types, imports and exports stay.
      # @return [String]
      def outline
        kept = sections.reject { |id, _| id == CUSTOM || (!component? && [DATA, DATA_COUNT].include?(id)) }
        @bytes.byteslice(0, 8) + kept.map { |id, body| section(id, outlined(id, body)) }.join
      end

      # @return [Array<String>] itself, or the core modules in it
      def modules
        return [@bytes] unless component?

        sections.flat_map do |id, body|
          case id
          when CORE_MODULE then [body]
          when COMPONENT then inner(body).modules
          else []
          end
        end
      end

      # @return [String, nil] what its name section calls it
      def name
        _, body = sections.find { |id, content| id == CUSTOM && NAMES.include?(text(content, 0).first) }
        return unless body

        _, at = text(body, 0)
        return unless body.getbyte(at)&.zero?

        _, at = number(body, at + 1)
        text(body, at).first
      rescue CompileError
        nil # no engine looks at it
      end

      private

      def inner(body)
        Binary.new(body, @depth + 1)
      end

      # @return [Array<Array(Integer, String)>] numbers and contents
      def sections
        @sections ||= [].tap do |found|
          at = 8
          while at < @bytes.bytesize
            size, start = number(@bytes, at + 1)
            found << [@bytes.getbyte(at), slice(@bytes, start, size)]
            at = start + size
          end
        end
      end

      def outlined(id, body)
        if component?
          [CORE_MODULE, COMPONENT].include?(id) ? inner(body).outline : body
        elsif id == CODE
          count, = number(body, 0)
          raise CompileError, "there are more functions than bytes" if count > body.bytesize

          leb(count) + (STUB * count)
        else
          body
        end
      end

      def section(id, body)
        [id].pack("C") + leb(body.bytesize) + body
      end

      # @return [Array(Integer, Integer)] an unsigned number, and where it ends
      def number(bytes, at)
        value = shift = 0
        loop do
          byte = bytes.getbyte(at) or raise CompileError, "unexpected end (at offset #{at})"
          value |= (byte & 0x7f) << shift
          at += 1
          return [value, at] if byte < 0x80
          raise CompileError, "a number is too long (at offset #{at})" if (shift += 7) > 28
        end
      end

      # @return [Array(String, Integer)] a name, and where it ends
      def text(bytes, at)
        size, start = number(bytes, at)
        [slice(bytes, start, size).force_encoding(Encoding::UTF_8), start + size]
      end

      def slice(bytes, start, size)
        found = bytes.byteslice(start, size)
        found && found.bytesize == size ? found : raise(CompileError, "unexpected end (at offset #{bytes.bytesize})")
      end

      def leb(number)
        bytes = []
        loop do
          low = number & 0x7f
          number >>= 7
          bytes << (number.zero? ? low : low | 0x80)
          return bytes.pack("C*") if number.zero?
        end
      end
    end
    private_constant :Binary
  end
end
