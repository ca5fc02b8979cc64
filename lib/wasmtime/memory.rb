# frozen_string_literal: true

module Wasmtime
  # A linear memory. Offsets and lengths are in bytes, sizes in pages unless said otherwise (a page has 64 KiB). Numbers are
  # little-endian. Every access is checked: out of bounds raises {Error} "out of bounds memory access", a negative offset RangeError.
  #
  # @example
  #   memory = Wasmtime::Memory.new(store, min_size: 1)
  #   memory.write(0, "hello")
  #   memory[0, 5]         # => "hello"
  #   memory.write_i32(8, -1)
  #   memory.read_u32(8)   # => 4294967295
  class Memory
    include Extern

    # @param store [Store]
    # @param min_size [Integer] pages at the start
    # @param max_size [Integer, nil] pages at most; nil for no maximum
    # @param memory64 [Boolean] whether addresses have 64 bits
    # @param page_size [Integer] bytes a page: 65536, or 1 with the engine option `wasm_custom_page_sizes`
    # @return [Memory]
    # @raise [ArgumentError] for another page size
    # @raise [Error] when the limits contradict each other or the store's limits
    def self.new(store, min_size:, max_size: nil, memory64: false, page_size: 65_536)
      _new(store, min_size, max_size, memory64 ? true : false, MemoryType._page_size_log2(page_size))
    end
    private_class_method :_new

    # @!method store
    #   @return [Store] the store it belongs to
    # @!method min_size
    #   @return [Integer] pages at the start
    # @!method max_size
    #   @return [Integer, nil] pages at most
    # @!method size
    #   @return [Integer] pages now
    # @!method page_size
    #   @return [Integer] bytes a page: 65536, or 1
    #   @raise [StoreError] when the store is closed or busy
    # @!method bytesize
    #   @return [Integer] bytes now
    # @!method grow(delta)
    #   @param delta [Integer] pages to add
    #   @return [Integer] pages before
    #   @raise [Error] "failed to grow memory by ..." past its maximum or the store's limit
    # @!method read(offset, length)
    #   @param offset [Integer]
    #   @param length [Integer]
    #   @return [String] a copy of the bytes, ASCII-8BIT
    #   @raise [Error] out of bounds
    # @!method read_cstring(offset)
    #   @param offset [Integer]
    #   @return [String] the bytes up to the first NUL or the end of the memory, ASCII-8BIT; empty past the end
    #   @raise [RangeError] for a negative offset
    # @!method write(offset, string)
    #   Copies bytes into the memory.
    #   @param offset [Integer]
    #   @param string [String] its bytes are copied
    #   @return [nil]
    #   @raise [Error] out of bounds

    # @!method read_i8(offset)
    #   Reads a signed 8-bit integer.
    #   @param offset [Integer]
    #   @return [Integer]
    #   @raise [Error] out of bounds
    # @!method read_u8(offset)
    #   Reads an unsigned 8-bit integer.
    #   @param offset [Integer]
    #   @return [Integer]
    #   @raise [Error] out of bounds
    # @!method read_i16(offset)
    #   Reads a signed 16-bit integer.
    #   @param offset [Integer]
    #   @return [Integer]
    #   @raise [Error] out of bounds
    # @!method read_u16(offset)
    #   Reads an unsigned 16-bit integer.
    #   @param offset [Integer]
    #   @return [Integer]
    #   @raise [Error] out of bounds
    # @!method read_i32(offset)
    #   Reads a signed 32-bit integer.
    #   @param offset [Integer]
    #   @return [Integer]
    #   @raise [Error] out of bounds
    # @!method read_u32(offset)
    #   Reads an unsigned 32-bit integer.
    #   @param offset [Integer]
    #   @return [Integer]
    #   @raise [Error] out of bounds
    # @!method read_i64(offset)
    #   Reads a signed 64-bit integer.
    #   @param offset [Integer]
    #   @return [Integer]
    #   @raise [Error] out of bounds
    # @!method read_u64(offset)
    #   Reads an unsigned 64-bit integer.
    #   @param offset [Integer]
    #   @return [Integer]
    #   @raise [Error] out of bounds
    # @!method read_f32(offset)
    #   Reads a 32-bit float.
    #   @param offset [Integer]
    #   @return [Float]
    #   @raise [Error] out of bounds
    # @!method read_f64(offset)
    #   Reads a 64-bit float.
    #   @param offset [Integer]
    #   @return [Float]
    #   @raise [Error] out of bounds
    # @!method write_i8(offset, value)
    #   Writes a signed 8-bit integer.
    #   @param offset [Integer]
    #   @param value [Integer]
    #   @return [nil]
    #   @raise [Error] out of bounds
    #   @raise [RangeError] for a number that does not fit
    # @!method write_u8(offset, value)
    #   Writes an unsigned 8-bit integer.
    #   @param offset [Integer]
    #   @param value [Integer]
    #   @return [nil]
    #   @raise [Error] out of bounds
    #   @raise [RangeError] for a number that does not fit
    # @!method write_i16(offset, value)
    #   Writes a signed 16-bit integer.
    #   @param offset [Integer]
    #   @param value [Integer]
    #   @return [nil]
    #   @raise [Error] out of bounds
    #   @raise [RangeError] for a number that does not fit
    # @!method write_u16(offset, value)
    #   Writes an unsigned 16-bit integer.
    #   @param offset [Integer]
    #   @param value [Integer]
    #   @return [nil]
    #   @raise [Error] out of bounds
    #   @raise [RangeError] for a number that does not fit
    # @!method write_i32(offset, value)
    #   Writes a signed 32-bit integer.
    #   @param offset [Integer]
    #   @param value [Integer]
    #   @return [nil]
    #   @raise [Error] out of bounds
    #   @raise [RangeError] for a number that does not fit
    # @!method write_u32(offset, value)
    #   Writes an unsigned 32-bit integer.
    #   @param offset [Integer]
    #   @param value [Integer]
    #   @return [nil]
    #   @raise [Error] out of bounds
    #   @raise [RangeError] for a number that does not fit
    # @!method write_i64(offset, value)
    #   Writes a signed 64-bit integer.
    #   @param offset [Integer]
    #   @param value [Integer]
    #   @return [nil]
    #   @raise [Error] out of bounds
    #   @raise [RangeError] for a number that does not fit
    # @!method write_u64(offset, value)
    #   Writes an unsigned 64-bit integer.
    #   @param offset [Integer]
    #   @param value [Integer]
    #   @return [nil]
    #   @raise [Error] out of bounds
    #   @raise [RangeError] for a number that does not fit
    # @!method write_f32(offset, value)
    #   Writes a 32-bit float, rounded; what is too large becomes infinity.
    #   @param offset [Integer]
    #   @param value [Numeric]
    #   @return [nil]
    #   @raise [Error] out of bounds
    #   @raise [TypeError] for what is no number
    # @!method write_f64(offset, value)
    #   Writes a 64-bit float.
    #   @param offset [Integer]
    #   @param value [Numeric]
    #   @return [nil]
    #   @raise [Error] out of bounds
    #   @raise [TypeError] for what is no number

    # @return [Integer] bytes now, as {#bytesize}
    def data_size
      bytesize
    end

    # @return [MemoryType] its type
    def type
      MemoryType._from_desc(_type)
    end

    # @param offset [Integer]
    # @param length [Integer] in bytes
    # @return [String] the bytes as UTF-8
    # @raise [Error] out of bounds, or "invalid utf-8"
    def read_utf8(offset, length)
      text = read(offset, length).force_encoding(Encoding::UTF_8)
      return text if text.valid_encoding?

      raise Error, "invalid utf-8 sequence in #{length} bytes at offset #{offset}"
    end

    # Writes the bytes and a NUL after them.
    # @param offset [Integer]
    # @param string [String]
    # @return [nil]
    # @raise [ArgumentError] when the String contains a NUL
    # @raise [Error] out of bounds
    def write_cstring(offset, string)
      bytes = String.new(Wasmtime._string(string), encoding: Encoding::BINARY)
      raise ArgumentError, "string contains null byte" if bytes.include?("\0")

      write(offset, bytes << "\0")
    end

    # @overload [](offset)
    #   @param offset [Integer]
    #   @return [Integer] the byte there
    # @overload [](offset, length)
    #   @param offset [Integer]
    #   @param length [Integer]
    #   @return [String] a copy of the bytes
    # @overload [](range)
    #   @param range [Range<Integer>] from the first to the last byte; open ends mean the ends of the memory
    #   @return [String] a copy of the bytes
    # @raise [Error] out of bounds
    def [](offset, length = nil)
      return read(*_span(offset)) if offset.is_a?(Range)

      length.nil? ? read_u8(offset) : read(offset, length)
    end

    # Writes a byte, or replaces a range.
    # @overload []=(offset, byte)
    #   @param offset [Integer]
    #   @param byte [Integer] 0 to 255
    # @overload []=(offset, length, string)
    #   @param offset [Integer]
    #   @param length [Integer] must be the String's size: a memory cannot be cut or stretched in the middle
    #   @param string [String]
    # @return [Object]
    # @raise [ArgumentError] when length and String differ in size
    # @raise [Error] out of bounds
    def []=(offset, length_or_byte, string = (byte = true))
      byte ? write_u8(offset, length_or_byte) : _replace(offset, length_or_byte, Wasmtime._string(string))
    end

    # Sets every byte of a range.
    # @param byte [Integer] 0 to 255
    # @param offset [Integer]
    # @param length [Integer, nil] nil for the rest of the memory
    # @return [nil]
    # @raise [Error] out of bounds
    def fill(byte, offset: 0, length: nil)
      _fill(byte, offset, length || [bytesize - offset, 0].max)
    end

    # Copies bytes within the memory; the ranges may overlap.
    # @param from [Integer] offset of the source
    # @param to [Integer] offset of the target
    # @param length [Integer]
    # @return [nil]
    # @raise [Error] out of bounds
    def copy(from:, to:, length:)
      _copy(from, to, length)
    end

    # Lends the memory without a copy. The buffer and every slice of it become invalid when the block ends; the store cannot be closed
    # before. Only for memories that stay where they are when they grow: every 32-bit memory with Wasmtime's default settings.
    # @param offset [Integer]
    # @param length [Integer, nil] nil for the rest of the memory
    # @yieldparam buffer [IO::Buffer]
    # @return [Object] what the block returns
    # @raise [ArgumentError] without a block
    # @raise [Error] out of bounds, or for a memory that may move
    # @example
    #   memory.view { |buffer| buffer.get_value(:u32, 16) }
    def view(offset: 0, length: nil, &block)
      raise ArgumentError, "no block given" unless block

      _view(offset, length || [bytesize - offset, 0].max, block)
    end

    # A range of the memory under the existing gem's name.
    # @param offset [Integer]
    # @param length [Integer]
    # @return [UnsafeSlice]
    # @raise [Error] out of bounds
    def read_unsafe_slice(offset, length)
      UnsafeSlice._new(self, offset, length)
    end

    private

    def _replace(offset, length, text)
      raise ArgumentError, "length is #{length.inspect}, but the string has #{text.bytesize} bytes" unless text.bytesize == length

      write(offset, text)
    end

    def _span(range)
      first = range.begin || 0
      last = range.end || bytesize
      raise RangeError, "range end is negative: #{last}" if last.is_a?(Integer) && last.negative?

      last += 1 if range.end && !range.exclude_end?
      [first, [last - first, 0].max]
    end
  end
end
