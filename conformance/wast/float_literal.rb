# frozen_string_literal: true

require_relative "nodes"

module Conformance
  # Floats as the text format writes them, as the bits they stand for. They are rounded once, from the exact number: Ruby's own conversion
  # gives a double, and rounding that again to 32 bits may go wrong.
  class FloatLiteral
    # A binary format of IEEE 754: how many bits the fraction has, and how many the exponent.
    def initialize(fraction, exponent)
      @fraction = fraction
      @sign = 1 << (fraction + exponent)
      @infinity = ((1 << exponent) - 1) << fraction
      @quiet = 1 << (fraction - 1)
      # Of the smallest normal numbers, and of all subnormal ones.
      @least = 2 - (1 << (exponent - 1))
    end

    F32 = new(23, 8)
    F64 = new(52, 11)

    DIGITS = /\d+(?:_\d+)*/
    HEX = /\h+(?:_\h+)*/
    DECIMAL_FORM = /\A(#{DIGITS})(?:\.(#{DIGITS})?)?(?:[eE]([+-]?#{DIGITS}))?\z/
    HEX_FORM = /\A0x(#{HEX})(?:\.(#{HEX})?)?(?:[pP]([+-]?#{DIGITS}))?\z/

    # @param text [String]
    # @return [Integer] its bits
    # @raise [Malformed]
    def bits(text)
      magnitude = text.sub(/\A[+-]/, "")
      (text.start_with?("-") ? @sign : 0) | unsigned(magnitude)
    end

    # @return [Boolean] whether bits are a NaN with the payload that only its quiet bit is set
    def canonical_nan?(bits)
      bits & ~@sign == @infinity | @quiet
    end

    # @return [Boolean] whether bits are a quiet NaN
    def arithmetic_nan?(bits)
      bits & (@infinity | @quiet) == @infinity | @quiet
    end

    private

    def unsigned(text)
      case text
      when "inf" then @infinity
      when "nan" then @infinity | @quiet
      when /\Anan:0x(#{HEX})\z/o then @infinity | payload(Regexp.last_match(1))
      else round(number(text))
      end
    end

    def payload(digits)
      payload = digits.delete("_").hex
      return payload if payload.between?(1, (1 << @fraction) - 1)

      raise Malformed, "nan:0x#{digits} does not fit"
    end

    # @return [Rational] exactly what is written
    def number(text)
      return scaled(HEX_FORM.match(text), 16, 2) if HEX_FORM.match?(text)
      return scaled(DECIMAL_FORM.match(text), 10, 10) if DECIMAL_FORM.match?(text)

      raise Malformed, "#{text.inspect} is no float"
    end

    def scaled(match, base, exponent_base)
      whole, part, exponent = match.captures.map { |digits| digits.to_s.delete("_") }
      Rational("#{whole}#{part}".to_i(base), base**part.size) * (Rational(exponent_base)**exponent.to_i)
    end

    # To the nearest, ties to even. A fraction that is rounded up to a whole one carries into the exponent by itself.
    def round(number)
      return 0 if number.zero?

      exponent = [exponent_of(number), @least].max
      whole = (number / (Rational(2)**(exponent - @fraction))).round(half: :even)
      [((exponent - @least) << @fraction) + whole, @infinity].min
    end

    # Of the highest bit that is set.
    def exponent_of(number)
      guess = number.numerator.bit_length - number.denominator.bit_length
      Rational(2)**guess > number ? guess - 1 : guess
    end
  end
end
