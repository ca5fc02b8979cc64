# frozen_string_literal: true

RSpec.describe Wasmtime::ExportType do
  let(:type) { Wasmtime::GlobalType.new(:i32) }
  let(:export) { described_class.new("g", type) }

  it "has a name and a type" do
    expect(export.name).to eq("g").and be_frozen
    expect(export.type).to equal(type)
    expect(export).to be_frozen
  end

  it "keeps its own copy of the name" do
    name = +"g"
    export = described_class.new(name, type)
    name << "h"
    expect(export.name).to eq("g")
    expect(described_class.new(:g, type)).to eq(export)
  end

  it "refuses what is no name or no type" do
    expect { described_class.new("g", nil) }.to raise_error(TypeError, "type: expected a Wasmtime::ExternType, got NilClass")
    expect { described_class.new(nil, type) }.to raise_error(TypeError, "no implicit conversion of nil into String")
  end

  it "is written as in the text format" do
    expect(export.to_s).to eq('(export "g" (global i32))')
    expect(export.inspect).to eq('#<Wasmtime::ExportType (export "g" (global i32))>')
  end

  it "compares by value" do
    same = described_class.new("g", Wasmtime::GlobalType.new(:i32))
    expect(export).to eq(same).and eql(same)
    expect(export.hash).to eq(same.hash)
    expect(export).not_to eq(described_class.new("h", type))
    expect(export).not_to eq(described_class.new("g", Wasmtime::GlobalType.new(:i64)))
    expect(export).not_to eq("g")
  end

  it "takes part in pattern matching" do
    expect(export.deconstruct_keys(nil)).to eq(name: "g", type: type)
  end
end
