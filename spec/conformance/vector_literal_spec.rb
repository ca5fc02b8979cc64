# frozen_string_literal: true

require_relative "../../conformance/wast/reader"
require_relative "../../conformance/wast/vector_literal"

RSpec.describe Conformance::VectorLiteral do
  def literal(text)
    described_class.new(Conformance::Reader.new(text).read)
  end

  {
    "i8x16 0 1 -1 0xff 4 5 6 7 8 9 10 11 12 13 14 15" => "0001ffff0405060708090a0b0c0d0e0f",
    "i16x8 1 -2 0 0 0 0 0 0xffff" => "0100feff#{'0' * 20}ffff",
    "i32x4 1 2 0xffffffff -1" => "0100000002000000ffffffffffffffff", "i64x2 1 -1" => "0100000000000000ffffffffffffffff",
    "f32x4 1 -0 nan inf" => "0000803f000000800000c07f0000807f",
    "f64x2 1 -nan:0x1" => "000000000000f03f010000000000f0ff"
  }.each do |text, hex|
    it("lays out #{text}") { expect(literal(text).bytes.unpack1("H*")).to eq hex }
  end

  it "splits bytes into the lanes of its shape" do
    expect(literal("i16x8 0 0 0 0 0 0 0 0").split("\xff\xff\x01\x00".b * 4)).to eq [-1, 1] * 4
  end

  ["i8x8 0", "i32x4 1 2 3", "i64x2 1 2 3", "i64x2 1 x", "i8x16 256#{' 0' * 15}"].each do |text|
    it("refuses #{text}") { expect { literal(text).bytes }.to raise_error(Conformance::Malformed) }
  end
end
