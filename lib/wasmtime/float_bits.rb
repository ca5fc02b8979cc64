# frozen_string_literal: true

module Wasmtime
  # Floats and their bits. A number of the type `f32` or `f64` crosses into Ruby as a Float and back with every bit, NaNs with sign and payload
  # too: an f32's payload lies in the upper bits of the Float's. Ruby itself cannot tell two NaNs apart, and its own `pack("e")` makes them quiet.
  #
  # @example
  #   nan = Wasmtime::FloatBits.f32(0x7fa00001) # a signalling NaN
  #   Wasmtime::FloatBits.f32_bits(nan).to_s(16) # => "7fa00001"
  module FloatBits
    module_function

    # @param bits [Integer] 0..2**32-1
    # @return [Float] the f32 with these bits
    # @raise [RangeError] for other Integers
    # @raise [TypeError] for what is no Integer
    def f32(bits)
      FloatBits._check(bits, 32)
      return [bits].pack("L<").unpack1("e") unless bits[23, 8] == 0xff && bits[0, 23] != 0

      f64((bits[31] << 63) | (0x7ff << 52) | (bits[0, 23] << 29))
    end

    # @param float [Numeric]
    # @return [Integer] the bits of the nearest f32: 0..2**32-1
    # @raise [TypeError] for what is no number
    def f32_bits(float)
      float = FloatBits._float(float)
      return [float].pack("e").unpack1("L<") unless float.nan?

      bits = f64_bits(float)
      payload = bits[29, 23]
      (bits[63] << 31) | (0xff << 23) | (payload.zero? ? 1 << 22 : payload)
    end

    # @param bits [Integer] 0..2**64-1
    # @return [Float] the f64 with these bits
    # @raise [RangeError] for other Integers
    # @raise [TypeError] for what is no Integer
    def f64(bits)
      FloatBits._check(bits, 64)
      [bits].pack("Q<").unpack1("E")
    end

    # @param float [Numeric]
    # @return [Integer] the bits of the f64: 0..2**64-1
    # @raise [TypeError] for what is no number
    def f64_bits(float)
      [FloatBits._float(float)].pack("E").unpack1("Q<")
    end

    # @api private
    def self._check(bits, width)
      raise TypeError, "no implicit conversion of #{bits.class} into Integer" unless bits.is_a?(Integer)
      raise RangeError, "bits: expected 0..2**#{width}-1, got #{bits}" unless bits.between?(0, (1 << width) - 1)
    end

    # @api private
    def self._float(float)
      raise TypeError, "no implicit conversion of #{float.class} into Float" unless float.is_a?(Numeric)

      Float(float)
    end
  end
end
