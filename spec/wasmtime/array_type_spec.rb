# frozen_string_literal: true

RSpec.describe Wasmtime::ArrayType do
  let(:engine) { Wasmtime::Engine.default }
  let(:type) { described_class.new(engine, Wasmtime::FieldType.var(:i16)) }

  it "has an element; a bare type makes arrays that cannot be changed" do
    expect(type.element).to eq(Wasmtime::FieldType.var(:i16))
    expect(described_class.new(engine, :f32).element).to eq(Wasmtime::FieldType.const(:f32))
    expect(described_class.new(engine, type).element.type).to eq(type.to_val_type)
  end

  it "reads as in the text format" do
    expect(type.to_s).to eq("(array (mut i16))")
    expect(type.inspect).to eq("#<Wasmtime::ArrayType (array (mut i16))>")
    expect(described_class.new(engine, type).to_s).to eq("(array (ref null $array))")
  end

  it "is the same type as a guest's final one with this element" do
    mod = Wasmtime::Module.new(engine, '(module (type $a (array (mut i16))) (global (export "g") (ref null $a) (ref.null $a)))')
    expect(mod.exports.first.type.type.type).to eq(type)
  end

  it "is equal to a type of the same element" do
    same = described_class.new(engine, type.element)
    expect(same).to eq(type).and eql(type)
    expect(same.hash).to eq(type.hash)
    expect(described_class.new(engine, :i16)).not_to eq(type)
    expect(type).not_to eq(Wasmtime::StructType.new(engine, [Wasmtime::FieldType.var(:i16)]))
  end

  it "takes part in pattern matching" do
    case type
    in { element: { type: :i16, mutable: true } } then nil
    end
    expect(type.deconstruct_keys(nil)).to eq(element: type.element)
  end

  it "refuses what is no type and no engine" do
    expect { described_class.new(engine, :i33) }.to raise_error(ArgumentError, /\Ainvalid WebAssembly type, .* got :i33\z/)
    expect { described_class.new(engine, "i32") }.to raise_error(TypeError, "no implicit conversion of String into Symbol")
    expect { described_class.new(1, :i32) }.to raise_error(TypeError, "no implicit conversion of Integer into Wasmtime::Engine")
  end

  it "needs an engine with a collector" do
    expect { described_class.new(Wasmtime::Engine.new(gc_support: false), :i32) }.to raise_error(
      an_instance_of(Wasmtime::Error), "an array type needs the engine option gc_support: true (and the Cranelift strategy)"
    )
  end

  it "is made by new only" do
    expect { described_class.allocate }.to raise_error(TypeError)
    expect { type.dup }.to raise_error(TypeError)
  end
end
