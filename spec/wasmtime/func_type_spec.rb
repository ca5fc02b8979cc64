# frozen_string_literal: true

RSpec.describe Wasmtime::FuncType do
  let(:type) { described_class.new(%i[i32 i64], [:f64]) }

  it "has parameters and results, all frozen" do
    expect(type).to have_attributes(params: %i[i32 i64], results: [:f64])
    expect(type).to be_frozen
    expect(type.params).to be_frozen
    expect(type.results).to be_frozen
    expect(type.params).to equal(type.params)
  end

  it "keeps its own copy of the Arrays" do
    params = [:i32]
    type = described_class.new(params, [])
    params << :i64
    expect(type.params).to eq([:i32])
    expect(params).not_to be_frozen
  end

  it "takes ValType objects, which become Symbols where there is one" do
    type = described_class.new([Wasmtime::ValType.new(:func), Wasmtime::ValType.new(:func, nullable: false)], [])
    expect(type.params).to eq([:funcref, Wasmtime::ValType.new(:func, nullable: false)])
  end

  it "takes what converts to an Array" do
    list = Class.new { def to_ary = [:i32] }.new
    expect(described_class.new(list, list)).to eq(described_class.new([:i32], [:i32]))
  end

  it "refuses what is no Array" do
    expect { described_class.new(nil, []) }.to raise_error(TypeError, "no implicit conversion of nil into Array")
    expect { described_class.new([], 1) }.to raise_error(TypeError, "no implicit conversion of Integer into Array")
    expect { described_class.new(:i32, []) }.to raise_error(TypeError, "no implicit conversion of Symbol into Array")
  end

  it "refuses types that do not exist" do
    expect { described_class.new([:int], []) }.to raise_error(ArgumentError, /\Ainvalid WebAssembly type, expected one of \[:i32, .*\], got :int\z/)
    expect { described_class.new([], [nil]) }.to raise_error(TypeError)
  end

  it "is written as in the text format" do
    expect(type.to_s).to eq("(func (param i32 i64) (result f64))")
    expect(type.inspect).to eq("#<Wasmtime::FuncType (func (param i32 i64) (result f64))>")
    expect(described_class.new([], []).to_s).to eq("(func)")
    expect(described_class.new([:externref], []).to_s).to eq("(func (param externref))")
    expect(described_class.new([], %i[i32 i32]).to_s).to eq("(func (result i32 i32))")
  end

  it "compares by value" do
    same = described_class.new(%i[i32 i64], [:f64])
    expect(type).to eq(same).and eql(same)
    expect(type.hash).to eq(same.hash)
    expect(type).not_to eq(described_class.new(%i[i32 i64], []))
    expect(type).not_to eq(described_class.new(%i[i32], %i[i64 f64]))
    expect(type).not_to eq("(func (param i32 i64) (result f64))")
  end

  it "takes part in pattern matching" do
    matched = case type
              in { params: [:i32, *rest], results: [result] } then [rest, result]
              end
    expect(matched).to eq([[:i64], :f64])
    type => [params, results]
    expect([params, results]).to eq([%i[i32 i64], [:f64]])
  end
end
