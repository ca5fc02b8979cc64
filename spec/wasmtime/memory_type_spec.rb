# frozen_string_literal: true

RSpec.describe Wasmtime::MemoryType do
  it "has sizes in pages" do
    expect(described_class.new(1, 2)).to have_attributes(min_size: 1, max_size: 2, page_size: 65_536, memory64?: false, shared?: false)
    expect(described_class.new(0)).to have_attributes(min_size: 0, max_size: nil)
  end

  it "may have 64-bit addresses, be shared, or have small pages" do
    expect(described_class.new(1, memory64: true)).to be_memory64
    expect(described_class.new(1, 1, shared: true)).to be_shared
    expect(described_class.new(1, page_size: 1).page_size).to eq(1)
  end

  it "is frozen" do
    expect(described_class.new(1)).to be_frozen
  end

  it "refuses limits that contradict each other" do
    expect { described_class.new(2, 1) }.to raise_error(ArgumentError, "max_size (1) is smaller than min_size (2)")
    expect(described_class.new(2, 2).max_size).to eq(2)
  end

  it "refuses sizes out of range" do
    expect { described_class.new(-1) }.to raise_error(ArgumentError, "min_size: expected 0..2**64-1, got -1")
    expect { described_class.new(2**64) }.to raise_error(ArgumentError, "min_size: expected 0..2**64-1, got 18446744073709551616")
    expect { described_class.new(0, -1) }.to raise_error(ArgumentError, "max_size: expected 0..2**64-1, got -1")
    expect(described_class.new((2**64) - 1, (2**64) - 1).min_size).to eq((2**64) - 1)
  end

  it "refuses what is no Integer" do
    expect { described_class.new(nil) }.to raise_error(TypeError, "min_size: expected an Integer, got NilClass")
    expect { described_class.new(1.0) }.to raise_error(TypeError, "min_size: expected an Integer, got Float")
    expect { described_class.new(1, "2") }.to raise_error(TypeError, "max_size: expected an Integer, got String")
  end

  it "refuses other page sizes" do
    expect { described_class.new(1, page_size: 2) }.to raise_error(ArgumentError, "page_size: expected 65536 or 1, got 2")
    expect { described_class.new(1, page_size: nil) }.to raise_error(ArgumentError, "page_size: expected 65536 or 1, got nil")
  end

  it "is written as in the text format" do
    expect(described_class.new(1, 2).to_s).to eq("(memory 1 2)")
    expect(described_class.new(1).to_s).to eq("(memory 1)")
    expect(described_class.new(1, 2, memory64: true).to_s).to eq("(memory i64 1 2)")
    expect(described_class.new(1, 2, shared: true).to_s).to eq("(memory 1 2 shared)")
    expect(described_class.new(1, page_size: 1).to_s).to eq("(memory 1 (pagesize 1))")
    expect(described_class.new(1, 2).inspect).to eq("#<Wasmtime::MemoryType (memory 1 2)>")
  end

  it "compares by value" do
    expect(described_class.new(1, 2)).to eq(described_class.new(1, 2)).and eql(described_class.new(1, 2))
    expect(described_class.new(1, 2).hash).to eq(described_class.new(1, 2).hash)
    others = [described_class.new(1), described_class.new(1, 3), described_class.new(1, 2, memory64: true),
              described_class.new(1, 2, shared: true), described_class.new(1, 2, page_size: 1)]
    expect(others).not_to include(described_class.new(1, 2))
    expect(others.uniq.size).to eq(5)
  end

  it "takes part in pattern matching" do
    expect(described_class.new(1, 2).deconstruct_keys([:min_size]))
      .to eq(min_size: 1, max_size: 2, memory64: false, shared: false, page_size: 65_536)
  end

  it "comes from a module as it was written" do
    engine = Wasmtime::Engine.new(wasm_memory64: true, wasm_custom_page_sizes: true, wasm_threads: true, shared_memory: true)
    { "1 2" => described_class.new(1, 2), "3" => described_class.new(3), "i64 1 2" => described_class.new(1, 2, memory64: true),
      "1 4 shared" => described_class.new(1, 4, shared: true), "1 2 (pagesize 1)" => described_class.new(1, 2, page_size: 1) }.each do |text, type|
      mod = Wasmtime::Module.new(engine, "(module (memory (export \"m\") #{text}))")
      expect(mod.exports.first.type).to eq(type)
      expect(mod.exports.first.type.to_s).to eq("(memory #{text})")
    end
  end
end
