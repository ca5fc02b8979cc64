# frozen_string_literal: true

module PrismReader
  # Reads the pieces a serialized tree is made of, one after the other.
  class Input
    attr_reader :bytes, :position

    # @param bytes [String] what prism wrote
    # @param source [String] the Ruby program it parsed, whose parts strings and constants may be
    def initialize(bytes, source)
      @bytes = bytes.b
      @source = source.b
      @position = 0
    end

    def byte
      value = @bytes.getbyte(@position) or raise FormatError, "the serialized tree ends early"
      @position += 1
      value
    end

    def take(length)
      raise FormatError, "the serialized tree ends early" if @position + length > @bytes.bytesize

      part = @bytes.byteslice(@position, length)
      @position += length
      part
    end

    def uint32
      take(4).unpack1("V")
    end

    def double
      take(8).unpack1("E")
    end

    # A number in groups of seven bits, the lowest first; all groups but the last have the high bit set.
    def varint
      value = shift = 0
      loop do
        group = byte
        value |= (group & 0x7f) << shift
        return value if group < 0x80

        shift += 7
      end
    end

    def location
      Location.new(varint, varint)
    end

    def optional_location
      location unless byte.zero?
    end

    # A string is a part of the source or stands here.
    def string
      case kind = byte
      when 1 then source_part(varint, varint)
      when 2 then take(varint).force_encoding(Encoding::UTF_8)
      else raise FormatError, "unknown kind of string: #{kind}"
      end
    end

    # Sign, number of 32-bit words, words from the lowest.
    def integer
      negative = byte.positive?
      value = Array.new(varint) { varint }.each_with_index.sum { |word, index| word << (32 * index) }
      negative ? -value : value
    end

    def list(&)
      Array.new(varint, &)
    end

    # An entry of the constant pool: offset and length, the offset's high bit telling whether in this text or in the source.
    def pool_entry(pool, index)
      offset, length = @bytes.byteslice(pool + (index * 8), 8).unpack("VV")
      return source_part(offset, length) if offset < 0x8000_0000

      @bytes.byteslice(offset & 0x7fff_ffff, length).force_encoding(Encoding::UTF_8)
    end

    private

    def source_part(offset, length)
      @source.byteslice(offset, length).force_encoding(Encoding::UTF_8)
    end
  end
end
