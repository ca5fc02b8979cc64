# frozen_string_literal: true

RSpec.describe Wasmtime::ImportType do
  let(:type) { Wasmtime::FuncType.new([:i32], []) }
  let(:import) { described_class.new("env", "log", type) }

  it "has a module, a name and a type" do
    expect(import).to have_attributes(module: "env", name: "log")
    expect(import.type).to equal(type)
    expect(import).to be_frozen
    expect(import.module).to be_frozen
    expect(import.name).to be_frozen
  end

  it "keeps its own copy of the names" do
    name = +"log"
    import = described_class.new(name, name, type)
    name << "ger"
    expect(import).to have_attributes(module: "log", name: "log")
  end

  it "takes Symbols for names" do
    expect(described_class.new(:env, :log, type)).to eq(import)
  end

  it "refuses what is no name or no type" do
    expect { described_class.new("env", "log", :func) }.to raise_error(TypeError, "type: expected a Wasmtime::ExternType, got Symbol")
    expect { described_class.new(nil, "log", type) }.to raise_error(TypeError, "no implicit conversion of nil into String")
    expect { described_class.new("env", 1, type) }.to raise_error(TypeError, "no implicit conversion of Integer into String")
  end

  it "answers like the Hash of the existing gem" do
    expect(import["module"]).to eq("env")
    expect(import["name"]).to eq("log")
    expect(import["type"]).to equal(type)
    expect(import["other"]).to be_nil
    expect(import[:module]).to be_nil
    expect(import.fetch("name")).to eq("log")
    expect(import.fetch("other", 1)).to eq(1)
    expect(import.fetch("other") { |key| key * 2 }).to eq("otherother")
    expect { import.fetch("other") }.to raise_error(KeyError, 'key not found: "other"')
    expect(import.keys).to eq(%w[module name type])
    expect(import.to_h).to eq("module" => "env", "name" => "log", "type" => type)
    expect(import.to_hash).to eq(import.to_h)
  end

  it "is written as in the text format" do
    expect(import.to_s).to eq('(import "env" "log" (func (param i32)))')
    expect(import.inspect).to eq('#<Wasmtime::ImportType (import "env" "log" (func (param i32)))>')
    expect(described_class.new("a\"b", "\n", type).to_s).to eq('(import "a\"b" "\n" (func (param i32)))')
  end

  it "compares by value, also with a Hash" do
    same = described_class.new("env", "log", Wasmtime::FuncType.new([:i32], []))
    expect(import).to eq(same).and eql(same)
    expect(import.hash).to eq(same.hash)
    expect(import).to eq({ "module" => "env", "name" => "log", "type" => type })
    expect(import).not_to eq(described_class.new("env", "logs", type))
    expect(import).not_to eq(nil)
  end

  it "takes part in pattern matching" do
    expect(import.deconstruct_keys(nil)).to eq(module: "env", name: "log", type: type)
    import => { module: "env", type: { params: [:i32] } }
  end
end
