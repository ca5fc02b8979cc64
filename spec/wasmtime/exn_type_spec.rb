# frozen_string_literal: true

RSpec.describe Wasmtime::ExnType do
  let(:engine) { Wasmtime::Engine.new(wasm_exceptions: true) }
  let(:store) { Wasmtime::Store.new(engine) }
  let(:struct) { Wasmtime::StructType.new(engine, [:i32]) }
  let(:type) { described_class.new(engine, [:i32, struct, Wasmtime::ValType.new(:func)]) }

  it "has the types of the payload" do
    expect(type.params).to eq([:i32, struct.to_val_type, :funcref])
    expect(type.params).to be_frozen
    expect(type.tag_type).to eq(Wasmtime::TagType.new([:i32, struct, :funcref]))
  end

  it "reads as in the text format" do
    expect(type.to_s).to eq("(exn i32 (ref null $struct) funcref)")
    expect(type.inspect).to eq("#<Wasmtime::ExnType (exn i32 (ref null $struct) funcref)>")
    expect(described_class.new(engine, []).to_s).to eq("(exn)")
  end

  it "is equal to a type of the same payload, and what exceptions of a tag have" do
    same = described_class.new(engine, type.params)
    expect(same).to eq(type).and eql(type)
    expect(same.hash).to eq(type.hash)
    expect(described_class.new(engine, [:i64])).not_to eq(described_class.new(engine, [:i32]))
    exn = Wasmtime::ExnRef.new(store, Wasmtime::Tag.new(store, [:i32]), [1])
    expect(exn.type).to eq(described_class.new(engine, [:i32]))
  end

  it "is the type of globals that hold such exceptions only" do
    exn = Wasmtime::ExnRef.new(store, Wasmtime::Tag.new(store, [:i32]), [1])
    global = Wasmtime::Global.var(store, described_class.new(engine, [:i32]), nil)
    expect(global.type.to_s).to eq("(ref null $exn)")
    global.set(exn)
    expect(global.get).to eq(exn)
    other = Wasmtime::Global.var(store, described_class.new(engine, [:i64]), nil)
    expect { other.set(exn) }.to raise_error(Wasmtime::Error, /type mismatch/)
  end

  it "takes part in pattern matching" do
    case type
    in { params: [:i32, _, :funcref] } then nil
    end
    expect(type.deconstruct_keys(nil)).to eq(params: type.params)
  end

  it "refuses what is no type, no engine and no list" do
    expect { described_class.new(engine, [:i8]) }.to raise_error(ArgumentError, /\Ainvalid WebAssembly type, .* got :i8\z/)
    expect { described_class.new(engine, :i32) }.to raise_error(TypeError, "no implicit conversion of Symbol into Array")
    expect { described_class.new(nil, []) }.to raise_error(TypeError, "no implicit conversion of NilClass into Wasmtime::Engine")
    expect { described_class.new(engine, [:i32] * 10_001) }.to raise_error(ArgumentError, "an exception type has at most 10000 fields, got 10001")
  end

  it "needs an engine with a collector" do
    expect { described_class.new(Wasmtime::Engine.new(gc_support: false), [:i32]) }.to raise_error(
      an_instance_of(Wasmtime::Error), "an exception type needs the engine option gc_support: true (and the Cranelift strategy)"
    )
  end
end
