# frozen_string_literal: true

RSpec.describe Wasmtime::TableType do
  it "has an element type, and sizes in elements" do
    expect(described_class.new(:funcref, 1, 10)).to have_attributes(type: :funcref, min_size: 1, max_size: 10, table64?: false)
    expect(described_class.new(:externref, 0)).to have_attributes(type: :externref, min_size: 0, max_size: nil)
    expect(described_class.new(:externref, 0, table64: true)).to be_table64
  end

  it "is frozen" do
    expect(described_class.new(:funcref, 1)).to be_frozen
  end

  it "refuses numbers as elements" do
    expect { described_class.new(:i32, 1) }.to raise_error(ArgumentError, "a table holds references, not i32")
    expect { described_class.new(Wasmtime::ValType.new(:v128), 1) }.to raise_error(ArgumentError, "a table holds references, not v128")
    expect { described_class.new(:int, 1) }.to raise_error(ArgumentError, /got :int\z/)
  end

  it "refuses bad sizes" do
    expect { described_class.new(:funcref, 2, 1) }.to raise_error(ArgumentError, "max_size (1) is smaller than min_size (2)")
    expect { described_class.new(:funcref, -1) }.to raise_error(ArgumentError, "min_size: expected 0..2**64-1, got -1")
    expect { described_class.new(:funcref, 1, 2**64) }.to raise_error(ArgumentError, "max_size: expected 0..2**64-1, got 18446744073709551616")
    expect { described_class.new(:funcref, 1.5) }.to raise_error(TypeError, "min_size: expected an Integer, got Float")
    expect { described_class.new(:funcref, nil) }.to raise_error(TypeError, "min_size: expected an Integer, got NilClass")
  end

  it "is written as in the text format" do
    expect(described_class.new(:funcref, 1, 10).to_s).to eq("(table 1 10 funcref)")
    expect(described_class.new(:externref, 1).to_s).to eq("(table 1 externref)")
    expect(described_class.new(:funcref, 1, table64: true).to_s).to eq("(table i64 1 funcref)")
    expect(described_class.new(:funcref, 1, 10).inspect).to eq("#<Wasmtime::TableType (table 1 10 funcref)>")
  end

  it "compares by value" do
    expect(described_class.new(:funcref, 1)).to eq(described_class.new(:funcref, 1)).and eql(described_class.new(:func, 1))
    expect(described_class.new(:funcref, 1).hash).to eq(described_class.new(:funcref, 1).hash)
    expect(described_class.new(:funcref, 1)).not_to eq(described_class.new(:externref, 1))
    expect(described_class.new(:funcref, 1)).not_to eq(described_class.new(:funcref, 1, 1))
    expect(described_class.new(:funcref, 1)).not_to eq(described_class.new(:funcref, 1, table64: true))
  end

  it "takes part in pattern matching" do
    expect(described_class.new(:funcref, 1).deconstruct_keys(nil)).to eq(type: :funcref, min_size: 1, max_size: nil, table64: false)
  end

  it "comes from a module as it was written" do
    engine = Wasmtime::Engine.new(wasm_memory64: true)
    { "1 2 funcref" => described_class.new(:funcref, 1, 2), "3 externref" => described_class.new(:externref, 3),
      "i64 1 2 funcref" => described_class.new(:funcref, 1, 2, table64: true) }.each do |text, type|
      mod = Wasmtime::Module.new(engine, "(module (table (export \"t\") #{text}))")
      expect(mod.exports.first.type).to eq(type)
      expect(mod.exports.first.type.to_s).to eq("(table #{text})")
    end
  end
end
