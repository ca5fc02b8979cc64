# frozen_string_literal: true

RSpec.describe Wasmtime::StructType do
  let(:engine) { Wasmtime::Engine.default }
  let(:type) { described_class.new(engine, [:f64, Wasmtime::FieldType.var(:i8), Wasmtime::ValType.new(:any, nullable: false)]) }

  it "has fields; a bare type is one that cannot be set" do
    expect(type.fields).to eq([Wasmtime::FieldType.const(:f64), Wasmtime::FieldType.var(:i8),
                               Wasmtime::FieldType.const(Wasmtime::ValType.new(:any, nullable: false))])
    expect(type.fields).to be_frozen
    expect(described_class.new(engine, []).fields).to eq([])
  end

  it "reads as in the text format" do
    expect(type.to_s).to eq("(struct (field f64) (field (mut i8)) (field (ref any)))")
    expect(type.inspect).to eq("#<Wasmtime::StructType (struct (field f64) (field (mut i8)) (field (ref any)))>")
    expect(described_class.new(engine, []).to_s).to eq("(struct)")
  end

  it "is the same type as a guest's final one with these fields" do
    mod = Wasmtime::Module.new(engine, <<~WAT)
      (module (type $p (struct (field f64) (field (mut i8)) (field (ref any))))
        (global (export "g") (ref null $p) (ref.null $p)))
    WAT
    expect(mod.exports.first.type.type.type).to eq(type)
  end

  it "is equal to a type of the same fields" do
    same = described_class.new(engine, type.fields)
    expect(same).to eq(type).and eql(type)
    expect(same.hash).to eq(type.hash)
    expect(described_class.new(engine, [:f64])).not_to eq(type)
    expect(described_class.new(engine, [Wasmtime::FieldType.var(:f64)])).not_to eq(described_class.new(engine, [:f64]))
    expect(type).not_to eq(type.to_s)
  end

  it "takes part in pattern matching" do
    case type
    in { fields: [{ type: :f64 }, { mutable: true }, _] } then nil
    end
    expect(type.deconstruct_keys(nil)).to eq(fields: type.fields)
  end

  it "refuses what is no type, no engine and no list" do
    expect { described_class.new(engine, [:i33]) }.to raise_error(ArgumentError, /\Ainvalid WebAssembly type, .* got :i33\z/)
    expect { described_class.new(engine, ["i32"]) }.to raise_error(TypeError, "no implicit conversion of String into Symbol")
    expect { described_class.new(engine, :i32) }.to raise_error(TypeError, "no implicit conversion of Symbol into Array")
    expect { described_class.new(nil, [:i32]) }.to raise_error(TypeError, "no implicit conversion of NilClass into Wasmtime::Engine")
  end

  it "has as many fields as WebAssembly allows" do
    expect(described_class.new(engine, [:i8] * 10_000).fields.size).to eq(10_000)
    expect { described_class.new(engine, [:i8] * 10_001) }.to raise_error(ArgumentError, "a struct type has at most 10000 fields, got 10001")
  end

  it "needs an engine with a collector" do
    expect { described_class.new(Wasmtime::Engine.new(gc_support: false), [:i32]) }.to raise_error(
      an_instance_of(Wasmtime::Error), "a struct type needs the engine option gc_support: true (and the Cranelift strategy)"
    )
  end

  it "is made by new only" do
    expect { described_class.allocate }.to raise_error(TypeError)
    expect { type.dup }.to raise_error(TypeError)
  end
end
