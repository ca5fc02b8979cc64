# frozen_string_literal: true

RSpec.describe Wasmtime::FieldType do
  let(:engine) { Wasmtime::Engine.default }
  let(:struct) { Wasmtime::StructType.new(engine, [:i32]) }

  it "says what a field stores, and whether it can be set" do
    expect(described_class.const(:i32)).to have_attributes(type: :i32, mutable?: false)
    expect(described_class.var(:i32)).to have_attributes(type: :i32, mutable?: true)
    expect(described_class.new(:f64)).to have_attributes(type: :f64, mutable?: false)
    expect(described_class.new(:f64, mutable: 1)).to have_attributes(mutable?: true)
    expect(described_class.new(:f64, mutable: nil)).to have_attributes(mutable?: false)
  end

  it "takes every type, packed integers, and types with an identity" do
    (Wasmtime::ValType::SYMBOLS + described_class::PACKED).each { |type| expect(described_class.new(type).type).to equal(type) }
    expect(described_class.new(Wasmtime::ValType.new(:func)).type).to eq(:funcref)
    expect(described_class.new(Wasmtime::ValType.new(:any, nullable: false)).type).to eq(Wasmtime::ValType.new(:any, nullable: false))
    expect(described_class.new(struct).type).to eq(struct.to_val_type)
  end

  it "refuses what is no type" do
    expect { described_class.new(:i33) }.to raise_error(ArgumentError, /\Ainvalid WebAssembly type, .* got :i33\z/)
    expect { described_class.var("i8") }.to raise_error(TypeError, "no implicit conversion of String into Symbol")
    expect { described_class.const(nil) }.to raise_error(TypeError, "no implicit conversion of NilClass into Symbol")
  end

  it "is equal to what says the same" do
    same = [described_class.var(struct), described_class.var(struct.to_val_type)]
    expect(same[0]).to eq(same[1]).and eql(same[1])
    expect(same.map(&:hash).uniq.size).to eq(1)
    expect(described_class.var(:i8)).not_to eq(described_class.const(:i8))
    expect(described_class.var(:i8)).not_to eq(described_class.var(:i16))
    expect(described_class.const(:i32)).not_to eq(:i32)
  end

  it "reads as in the text format" do
    expect(described_class.const(:i8).to_s).to eq("i8")
    expect(described_class.var(:i16).to_s).to eq("(mut i16)")
    expect(described_class.var(struct).to_s).to eq("(mut (ref null $struct))")
    expect(described_class.var(:i16).inspect).to eq("#<Wasmtime::FieldType (mut i16)>")
  end

  it "takes part in pattern matching" do
    case described_class.var(:i8)
    in { type: :i8, mutable: true } then nil
    end
    expect(described_class.const(:f32).deconstruct_keys(nil)).to eq(type: :f32, mutable: false)
  end

  it "is frozen, and can be shared between Ractors" do
    types = [described_class.const(:i8), described_class.var(struct)]
    expect(types).to all(be_frozen)
    expect(types.map { |type| Ractor.shareable?(type) }).to eq([true, true])
  end
end
