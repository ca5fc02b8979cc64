# frozen_string_literal: true

require_relative "../../conformance/wast"

RSpec.describe Conformance::Expectation do
  def match?(text, value, type)
    described_class.match?(Conformance::Reader.new(text).read.first, Conformance::Result.new(value, type))
  end

  def f32(bits)
    Wasmtime::FloatBits.f32(bits)
  end

  describe "numbers" do
    it "compare as signed, whichever way they are written" do
      expect(match?("(i32.const 0xffffffff)", -1, :i32)).to be true
      expect(match?("(i64.const 1)", 2, :i64)).to be false
    end

    it "are of one type only" do
      expect(match?("(i32.const 1)", 1, :i64)).to be false
      expect(match?("(i32.const 1)", 1, :i31ref)).to be false
      expect(match?("(f32.const 1)", 1.0, :f64)).to be false
    end

    it "compare as bits when they are floats" do
      expect(match?("(f64.const -0.0)", -0.0, :f64)).to be true
      expect(match?("(f64.const 0.0)", -0.0, :f64)).to be false
      expect(match?("(f32.const nan:0x200000)", f32(0x7fa0_0000), :f32)).to be true
      expect(match?("(f32.const nan)", f32(0x7fa0_0000), :f32)).to be false
    end
  end

  describe "patterns of NaNs" do
    it "tell canonical from arithmetic ones" do
      nans = [0xffc0_0000, 0x7fc0_0001, 0x7fa0_0000].map { |bits| f32(bits) }
      expect(nans.map { |nan| match?("(f32.const nan:canonical)", nan, :f32) }).to eq [true, false, false]
      expect(nans.map { |nan| match?("(f32.const nan:arithmetic)", nan, :f32) }).to eq [true, true, false]
    end

    it "are no numbers" do
      expect(match?("(f64.const nan:arithmetic)", 1.0, :f64)).to be false
      expect(match?("(f64.const nan:canonical)", Float::INFINITY, :f64)).to be false
    end
  end

  describe "vectors" do
    value = ->(pack, *lanes) { Wasmtime::V128.new(lanes.pack(pack)) }

    it "compare lane by lane" do
      expect(match?("(v128.const i32x4 1 2 3 0xffffffff)", value["l<*", 1, 2, 3, -1], :v128)).to be true
      expect(match?("(v128.const i32x4 1 2 3 4)", value["l<*", 1, 2, 4, 3], :v128)).to be false
    end

    it "may have patterns as lanes" do
      lanes = value["L<*", 0x7fc0_0001, 0x3f80_0000, 0xffc0_0000, 0]
      expect(match?("(v128.const f32x4 nan:arithmetic 1 nan:canonical 0)", lanes, :v128)).to be true
      expect(match?("(v128.const f32x4 nan:canonical 1 nan:canonical 0)", lanes, :v128)).to be false
      expect(match?("(v128.const f32x4 nan:arithmetic 1 nan:canonical -0)", lanes, :v128)).to be false
    end
  end

  it "is met by one of several" do
    expect(match?("(either (i32.const 1) (i32.const 2))", 2, :i32)).to be true
    expect(match?("(either (i32.const 1) (i32.const 2))", 3, :i32)).to be false
  end

  describe "references" do
    store = Wasmtime::Store.new
    func = Wasmtime::Func.new(store, [], []) { nil }
    host = Conformance::HostRef.new(7)

    [
      ["(ref.null)", nil, :externref, true], ["(ref.null extern)", nil, :externref, true], ["(ref.null func)", nil, :externref, false],
      ["(ref.null none)", nil, :anyref, true], ["(ref.null any)", nil, :nullref, true], ["(ref.null $t)", nil, :anyref, true],
      ["(ref.null)", host, :externref, false], ["(ref.null)", func, :funcref, false],
      ["(ref.func)", func, :funcref, true], ["(ref.func 0)", func, :funcref, true], ["(ref.func)", nil, :funcref, false],
      ["(ref.extern)", host, :externref, true], ["(ref.extern 7)", host, :externref, true], ["(ref.extern 8)", host, :externref, false],
      ["(ref.extern)", nil, :externref, false], ["(ref.extern 7)", nil, :externref, false],
      ["(ref.i31)", 7, :i31ref, true], ["(ref.i31)", 7, :i32, false], ["(ref.i31)", nil, :i31ref, false],
      ["(ref.eq)", 7, :eqref, true], ["(ref.any)", 7, :anyref, true], ["(ref.any)", nil, :anyref, false], ["(ref.any)", host, :externref, false],
      ["(ref.struct)", 7, :anyref, false], ["(ref.array)", 7, :anyref, false], ["(ref.exn)", nil, :exnref, false]
    ].each do |text, value, type, met|
      it "#{text} is #{'not ' unless met}met by #{value.class} of the type #{type}" do
        expect(match?(text, value, type)).to be met
      end
    end
  end

  it "refuses what is no result" do
    expect { match?("(i16.const 1)", 1, :i32) }.to raise_error(Conformance::Malformed, '"i16.const" is no result')
  end
end
