# frozen_string_literal: true

require_relative "constant"
require_relative "reference_expectation"
require_relative "result"

module Conformance
  # What a script says a result is.
  module Expectation
    KINDS = %w[i32 i64 f32 f64 v128].to_h { |name| ["#{name}.const", name.to_sym] }.freeze
    NANS = { "nan:canonical" => :canonical_nan?, "nan:arithmetic" => :arithmetic_nan? }.freeze

    module_function

    # @param list [List] such as `(i32.const 1)`, `(f32.const nan:canonical)`, `(either ...)` or `(ref.func)`
    # @param result [Result]
    # @return [Boolean]
    # @raise [Malformed]
    def match?(list, result)
      return list.rest.any? { |choice| match?(choice, result) } if list.head == "either"
      return ReferenceExpectation.match?(list, result) unless KINDS.key?(list.head)

      number?(KINDS.fetch(list.head), list.rest, result)
    end

    def number?(kind, words, result)
      return false unless result.kind == kind

      case kind
      when :i32 then result.value == IntLiteral.parse(words.first.text, 32)
      when :i64 then result.value == IntLiteral.parse(words.first.text, 64)
      when :f32 then float?(FloatLiteral::F32, words.first.text, result.bits)
      when :f64 then float?(FloatLiteral::F64, words.first.text, result.bits)
      when :v128 then vector?(VectorLiteral.new(words), result.value.bytes)
      end
    end

    # Bits are compared: two NaNs may differ, and so do the zeros.
    def float?(format, text, bits)
      NANS.key?(text) ? format.public_send(NANS[text], bits) : format.bits(text) == bits
    end

    def vector?(literal, bytes)
      float = literal.shape.float
      literal.lanes.zip(literal.split(bytes)).all? do |lane, bits|
        float ? float?(float, lane, bits) : literal.lane_bits(lane) == bits
      end
    end
  end
end
