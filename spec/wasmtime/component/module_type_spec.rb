# frozen_string_literal: true

RSpec.describe Wasmtime::Component::ModuleType do
  imported = [["env", "log", [:func, [:i32], []]]]
  exported = [["run", [:func, [], [:i64]]]]

  it "has what the module imports and exports" do
    type = WitTypes.wit_type([:module, imported, exported])
    expect(type).to be_a(described_class).and be_frozen
    expect(type.imports).to eq([Wasmtime::ImportType.new("env", "log", Wasmtime::FuncType.new([:i32], []))]).and be_frozen
    expect(type.exports).to eq([Wasmtime::ExportType.new("run", Wasmtime::FuncType.new([], [:i64]))]).and be_frozen
    expect(type.deconstruct_keys(nil)).to eq(imports: type.imports, exports: type.exports)
  end

  it "prints as in the text format" do
    expect(WitTypes.wit_type([:module, imported, exported]).to_s)
      .to eq('(module (import "env" "log" (func (param i32))) (export "run" (func (result i64))))')
    expect(described_class.new([], []).inspect).to eq("#<Wasmtime::Component::ModuleType (module)>")
  end

  it "is equal to a type that says the same" do
    type = WitTypes.wit_type([:module, imported, []])
    expect(WitTypes.wit_type([:module, imported, []])).to eq(type)
    expect(WitTypes.wit_type([:module, imported, []]).hash).to eq(type.hash)
    expect(WitTypes.wit_type([:module, [], []])).not_to eq(type)
  end

  it "refuses what is no list" do
    expect { described_class.new(nil, []) }.to raise_error(TypeError, "no implicit conversion of nil into Array")
  end
end
