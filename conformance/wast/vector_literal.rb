# frozen_string_literal: true

require_relative "float_literal"
require_relative "int_literal"

module Conformance
  # The lanes of a `v128.const`: how many a shape has, how they are read and where they lie in the sixteen bytes.
  class VectorLiteral
    Shape = Struct.new(:lanes, :bits, :pack, :float)
    SHAPES = {
      "i8x16" => Shape.new(16, 8, "c*"), "i16x8" => Shape.new(8, 16, "s<*"), "i32x4" => Shape.new(4, 32, "l<*"), "i64x2" => Shape.new(2, 64, "q<*"),
      "f32x4" => Shape.new(4, 32, "L<*", FloatLiteral::F32), "f64x2" => Shape.new(2, 64, "Q<*", FloatLiteral::F64)
    }.freeze

    # @return [Array<String>] the lanes as they are written
    attr_reader :lanes
    # @return [Shape]
    attr_reader :shape

    # @param words [Array<Word>] the shape and its lanes
    def initialize(words)
      name, *@lanes = words.map(&:text)
      @shape = SHAPES[name] || raise(Malformed, "#{name.inspect} is no shape of a vector")
      raise Malformed, "#{name} has #{@shape.lanes} lanes, not #{@lanes.size}" unless @lanes.size == @shape.lanes
    end

    # @return [String] sixteen bytes
    def bytes
      @lanes.map { |lane| lane_bits(lane) }.pack(@shape.pack)
    end

    # @param bytes [String] sixteen bytes
    # @return [Array<Integer>] their lanes: integers as they are, floats as bits
    def split(bytes)
      bytes.unpack(@shape.pack)
    end

    # @return [Integer]
    def lane_bits(lane)
      @shape.float ? @shape.float.bits(lane) : IntLiteral.parse(lane, @shape.bits)
    end
  end
end
