# frozen_string_literal: true

RSpec.describe Wasmtime::TagType do
  it "has the types of the payload" do
    type = described_class.new([:i32, Wasmtime::ValType.new(:extern)])
    expect(type.params).to eq(%i[i32 externref])
    expect(type).to be_frozen
    expect(type.params).to be_frozen
  end

  it "refuses what is no list of types" do
    expect { described_class.new(nil) }.to raise_error(TypeError, "no implicit conversion of nil into Array")
    expect { described_class.new([:int]) }.to raise_error(ArgumentError, /\Ainvalid WebAssembly type.*got :int\z/)
  end

  it "is written as in the text format" do
    expect(described_class.new([]).to_s).to eq("(tag)")
    expect(described_class.new(%i[i32 f64]).to_s).to eq("(tag (param i32 f64))")
    expect(described_class.new([]).inspect).to eq("#<Wasmtime::TagType (tag)>")
  end

  it "compares by value" do
    expect(described_class.new([:i32])).to eq(described_class.new([:i32])).and eql(described_class.new([:i32]))
    expect(described_class.new([:i32]).hash).to eq(described_class.new([:i32]).hash)
    expect(described_class.new([:i32])).not_to eq(described_class.new([]))
    expect(described_class.new([])).not_to eq(Wasmtime::FuncType.new([], []))
  end

  it "takes part in pattern matching" do
    expect(described_class.new([:i32]).deconstruct_keys(nil)).to eq(params: [:i32])
  end

  it "comes from a module as it was written" do
    mod = Wasmtime::Module.new(Wasmtime::Engine.new(wasm_exceptions: true), '(module (tag (export "t") (param i32 i64)) (tag (export "u")))')
    expect(mod.exports.map(&:type)).to eq([described_class.new(%i[i32 i64]), described_class.new([])])
  end
end
