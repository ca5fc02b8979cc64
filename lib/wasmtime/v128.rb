# frozen_string_literal: true

module Wasmtime
  # A vector of 128 bits: the value of the type `v128`. Frozen, comparable and shareable between Ractors.
  #
  # @example
  #   vector = Wasmtime::V128.i32x4(1, 2, 3, -4)
  #   vector.i32x4 # => [1, 2, 3, -4]
  #   vector.u8x16.first(4) # => [1, 0, 0, 0]
  class V128
    class << self
      # @param lanes [Array<Integer>] sixteen, each -2**7..2**8-1
      # @return [V128] a vector of these lanes
      # @raise [ArgumentError] for another number of lanes
      # @raise [RangeError] for a lane that does not fit
      # @raise [TypeError] for what is no Integer
      def i8x16(*lanes)
        _integers(:i8x16, 16, 8, lanes, "C*")
      end

      # @param lanes [Array<Integer>] eight, each -2**15..2**16-1
      # @return [V128] a vector of these lanes
      # @raise [ArgumentError] for another number of lanes
      # @raise [RangeError] for a lane that does not fit
      # @raise [TypeError] for what is no Integer
      def i16x8(*lanes)
        _integers(:i16x8, 8, 16, lanes, "S<*")
      end

      # @param lanes [Array<Integer>] four, each -2**31..2**32-1
      # @return [V128] a vector of these lanes
      # @raise [ArgumentError] for another number of lanes
      # @raise [RangeError] for a lane that does not fit
      # @raise [TypeError] for what is no Integer
      def i32x4(*lanes)
        _integers(:i32x4, 4, 32, lanes, "L<*")
      end

      # @param lanes [Array<Integer>] two, each -2**63..2**64-1
      # @return [V128] a vector of these lanes
      # @raise [ArgumentError] for another number of lanes
      # @raise [RangeError] for a lane that does not fit
      # @raise [TypeError] for what is no Integer
      def i64x2(*lanes)
        _integers(:i64x2, 2, 64, lanes, "Q<*")
      end

      # @param bytes [String] sixteen bytes, little endian as in a memory
      # @return [V128]
      # @raise [ArgumentError] for another number of bytes
      # @raise [TypeError] for what is no String
      def new(bytes)
        _new(Wasmtime._string(bytes))
      end

      # @param lanes [Array<Numeric>] four; a NaN keeps sign and payload as {FloatBits.f32} gives them
      # @return [V128] a vector of these lanes
      # @raise [ArgumentError] for another number of lanes
      # @raise [TypeError] for what is no number
      def f32x4(*lanes)
        _count(:f32x4, 4, lanes)
        _new(lanes.map { |lane| FloatBits.f32_bits(lane) }.pack("L<*"))
      end

      # @param lanes [Array<Numeric>] two
      # @return [V128] a vector of these lanes
      # @raise [ArgumentError] for another number of lanes
      # @raise [TypeError] for what is no number
      def f64x2(*lanes)
        _count(:f64x2, 2, lanes)
        _new(lanes.map { |lane| FloatBits.f64_bits(lane) }.pack("Q<*"))
      end

      private :_new

      private

      def _integers(shape, count, bits, lanes, directive)
        _count(shape, count, lanes)
        _new(lanes.map { |lane| _lane(shape, bits, lane) }.pack(directive))
      end

      def _count(shape, count, lanes)
        raise ArgumentError, "#{shape} has #{count} lanes, got #{lanes.size}" unless lanes.size == count
      end

      def _lane(shape, bits, lane)
        raise TypeError, "#{shape}: no implicit conversion of #{lane.class} into Integer" unless lane.is_a?(Integer)
        raise RangeError, "#{shape}: lane #{lane} is out of range (expected -2**#{bits - 1}..2**#{bits}-1)" unless
          lane.between?(-(1 << (bits - 1)), (1 << bits) - 1)

        lane & ((1 << bits) - 1)
      end
    end

    # @!method bytes
    #   @return [String] sixteen bytes, little endian; binary and frozen

    # @return [Array<Integer>] sixteen signed lanes
    def i8x16
      bytes.unpack("c*")
    end

    # @return [Array<Integer>] eight signed lanes
    def i16x8
      bytes.unpack("s<*")
    end

    # @return [Array<Integer>] four signed lanes
    def i32x4
      bytes.unpack("l<*")
    end

    # @return [Array<Integer>] two signed lanes
    def i64x2
      bytes.unpack("q<*")
    end

    # @return [Array<Integer>] sixteen unsigned lanes
    def u8x16
      bytes.unpack("C*")
    end

    # @return [Array<Integer>] eight unsigned lanes
    def u16x8
      bytes.unpack("S<*")
    end

    # @return [Array<Integer>] four unsigned lanes
    def u32x4
      bytes.unpack("L<*")
    end

    # @return [Array<Integer>] two unsigned lanes
    def u64x2
      bytes.unpack("Q<*")
    end

    # @return [Array<Float>] four lanes; a NaN keeps sign and payload for {FloatBits.f32_bits}
    def f32x4
      u32x4.map { |bits| FloatBits.f32(bits) }
    end

    # @return [Array<Float>] two lanes
    def f64x2
      bytes.unpack("E*")
    end

    # @param other [Object]
    # @return [Boolean] whether it is a vector of the same bits
    def ==(other)
      other.is_a?(V128) && other.bytes == bytes
    end
    alias eql? ==

    # @return [Integer] the same for equal ones
    def hash
      bytes.hash
    end

    # @return [String] as in the text format
    def to_s
      "(v128.const i32x4 #{u32x4.map { |lane| format('0x%08x', lane) }.join(' ')})"
    end

    # @return [String] what it is, to be read by people
    def inspect
      "#<Wasmtime::V128 i32x4 #{u32x4.map { |lane| format('0x%08x', lane) }.join(' ')}>"
    end
  end
end
