# frozen_string_literal: true

RSpec.describe Wasmtime::GlobalType do
  it "cannot be set unless it is said to be mutable" do
    expect(described_class.new(:i32)).to have_attributes(type: :i32, const?: true, var?: false)
    expect(described_class.new(:i32, mutable: true)).to have_attributes(type: :i32, const?: false, var?: true)
    expect(described_class.new(:i32, mutable: nil)).to have_attributes(const?: true, var?: false)
  end

  it "is frozen" do
    expect(described_class.new(:i32)).to be_frozen
  end

  it "takes a ValType object" do
    expect(described_class.new(Wasmtime::ValType.new(:extern)).type).to eq(:externref)
    type = Wasmtime::ValType.new(:func, nullable: false)
    expect(described_class.new(type).type).to equal(type)
  end

  it "refuses types that do not exist" do
    expect { described_class.new(:int) }.to raise_error(ArgumentError, /\Ainvalid WebAssembly type, expected one of \[.*\], got :int\z/)
    expect { described_class.new("i32") }.to raise_error(TypeError, "no implicit conversion of String into Symbol")
  end

  it "is written as in the text format" do
    expect(described_class.new(:i64).to_s).to eq("(global i64)")
    expect(described_class.new(:i64, mutable: true).to_s).to eq("(global (mut i64))")
    expect(described_class.new(:i64).inspect).to eq("#<Wasmtime::GlobalType (global i64)>")
    expect(described_class.new(Wasmtime::ValType.new(:func, nullable: false)).to_s).to eq("(global (ref func))")
  end

  it "compares by value" do
    expect(described_class.new(:i32)).to eq(described_class.new(:i32)).and eql(described_class.new(:i32))
    expect(described_class.new(:i32).hash).to eq(described_class.new(:i32).hash)
    expect(described_class.new(:i32)).not_to eq(described_class.new(:i32, mutable: true))
    expect(described_class.new(:i32)).not_to eq(described_class.new(:i64))
  end

  it "takes part in pattern matching" do
    expect(described_class.new(:i32, mutable: true).deconstruct_keys(nil)).to eq(type: :i32, mutable: true)
  end
end
