# frozen_string_literal: true

require_relative "../../conformance/wast/float_literal"

RSpec.describe Conformance::FloatLiteral do
  f32 = described_class::F32
  f64 = described_class::F64

  {
    "0" => 0, "-0.0" => 0x8000_0000, "1" => 0x3f80_0000, "-1.5" => 0xbfc0_0000, "+2." => 0x4000_0000, "1e1" => 0x4120_0000, "0x1p-1" => 0x3f00_0000,
    "0x1.8P+1" => 0x4040_0000, "0x1_0.0_8p0" => 0x4180_4000, "1_0.5_0e0_1" => 0x42d2_0000, "666.6" => 0x4426_a666, "0x0.8p0" => 0x3f00_0000
  }.each do |text, bits|
    it(format("reads %s as an f32 of 0x%08x", text, bits)) { expect(f32.bits(text)).to eq bits }
  end

  describe "rounding" do
    it "goes to the even neighbour in the middle" do
      expect(%w[0x1.000001p0 0x1.000003p0 -0x1.000001p0].map { |text| f32.bits(text) }).to eq [0x3f80_0000, 0x3f80_0002, 0xbf80_0000]
    end

    it "goes up as soon as the number lies beyond the middle, however far behind" do
      expect(f32.bits("0x1.00000100000000000000000000000000001p0")).to eq 0x3f80_0001
    end

    # As a double it would be exactly in the middle, and be rounded down from there.
    it "happens once" do
      text = "1.00000005960464477540"
      expect(f32.bits(text)).to eq 0x3f80_0001
      expect([text.to_f].pack("e").unpack1("L<")).to eq 0x3f80_0000
    end

    it "carries into the exponent" do
      expect(f32.bits("0x1.ffffffp0")).to eq 0x4000_0000
    end

    it "agrees with Ruby's doubles" do
      random = Random.new(48)
      texts = Array.new(500) { "#{random.rand(10**18)}.#{random.rand(10**9)}e#{random.rand(-330..290)}" }
      expect(texts.map { |text| f64.bits(text) }).to eq(texts.map { |text| [text.to_f].pack("E").unpack1("Q<") })
    end
  end

  describe "subnormal numbers" do
    {
      "0x1p-149" => 1, "1.4e-45" => 1, "0x1p-150" => 0, "0x1.8p-150" => 1, "0x1.000001p-150" => 1, "0x0.fffffep-126" => 0x007f_ffff,
      "0x0.ffffffp-126" => 0x0080_0000, "0x1p-126" => 0x0080_0000, "-0x3p-149" => 0x8000_0003, "1e-999" => 0
    }.each do |text, bits|
      it(format("reads %s as an f32 of 0x%08x", text, bits)) { expect(f32.bits(text)).to eq bits }
    end

    it "has the smallest double" do
      expect(%w[4.9e-324 0x1p-1074 0x1p-1075].map { |text| f64.bits(text) }).to eq [1, 1, 0]
    end
  end

  describe "the largest numbers" do
    it "are finite below the middle to infinity" do
      expect(%w[0x1.fffffep127 0x1.fffffefffffp127 0x1.ffffffp127 inf -inf].map { |text| f32.bits(text) })
        .to eq [0x7f7f_ffff, 0x7f7f_ffff, 0x7f80_0000, 0x7f80_0000, 0xff80_0000]
    end
  end

  describe "NaNs" do
    it "keep sign and payload" do
      expect(%w[nan -nan +nan nan:0x1 -nan:0x7f_ffff].map { |text| f32.bits(text) })
        .to eq [0x7fc0_0000, 0xffc0_0000, 0x7fc0_0000, 0x7f80_0001, 0xffff_ffff]
      expect(f64.bits("-nan:0x4000000000000")).to eq 0xfff4_0000_0000_0000
    end

    it "are canonical with either sign and the quiet bit alone" do
      bits = [0x7fc0_0000, 0xffc0_0000, 0x7fc0_0001, 0x7fa0_0000, 0x7f80_0000, 0x3f80_0000]
      expect(bits.map { |nan| f32.canonical_nan?(nan) }).to eq [true, true, false, false, false, false]
    end

    it "are arithmetic with the quiet bit and any other" do
      bits = [0x7fc0_0000, 0xffff_ffff, 0x7fc0_0001, 0x7fa0_0000, 0x7f80_0000, 0x3fc0_0000]
      expect(bits.map { |nan| f32.arithmetic_nan?(nan) }).to eq [true, true, true, false, false, false]
    end
  end

  ["", "1__0", "1e", "0x", ".5", "nan:0x0", "nan:0x800000", "nan:1", "infinity", "0x1p", "1p1", "1 ", "1\n"].each do |text|
    it("refuses #{text.inspect}") { expect { f32.bits(text) }.to raise_error(Conformance::Malformed) }
  end
end
