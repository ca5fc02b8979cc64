# frozen_string_literal: true

RSpec.describe Wasmtime::ValType do
  let(:engine) { Wasmtime::Engine.default }
  let(:struct) { Wasmtime::StructType.new(engine, [:i32]) }

  describe "::SYMBOLS" do
    it "are the types that have a Symbol" do
      expect(described_class::SYMBOLS).to eq(
        %i[i32 i64 f32 f64 v128 funcref externref anyref eqref i31ref structref arrayref exnref nullref nullfuncref nullexternref nullexnref]
      )
      expect(described_class::SYMBOLS).to be_frozen
    end
  end

  describe ".new" do
    described_class::SYMBOLS.each do |symbol|
      it "makes #{symbol} of its Symbol" do
        type = described_class.new(symbol)
        expect(type.to_sym).to eq(symbol)
        expect(type.to_s).to eq(symbol.name)
        expect(type.inspect).to eq("#<Wasmtime::ValType #{symbol}>")
        expect(type).to be_frozen
      end
    end

    it "takes a heap type, nullable or not" do
      expect(described_class.new(:func)).to eq(described_class.new(:funcref))
      expect(described_class.new(:func, nullable: false).to_s).to eq("(ref func)")
      expect(described_class.new(:funcref, nullable: false).to_s).to eq("(ref func)")
    end

    it "takes a type with an identity" do
      type = described_class.new(struct)
      expect(type).to have_attributes(type: struct, kind: :concrete_struct, to_sym: nil, reference?: true, nullable?: true)
      expect(type.to_s).to eq("(ref null $struct)")
      expect(described_class.new(Wasmtime::ArrayType.new(engine, :i8), nullable: false).to_s).to eq("(ref $array)")
      expect(described_class.new(Wasmtime::ExnType.new(engine, [])).to_s).to eq("(ref null $exn)")
    end

    it "refuses types that do not exist" do
      expect { described_class.new(:i33) }.to raise_error(
        ArgumentError,
        "invalid WebAssembly type, expected one of [:i32, :i64, :f32, :f64, :v128, :funcref, :externref, :anyref, :eqref, :i31ref, " \
        ":structref, :arrayref, :exnref, :nullref, :nullfuncref, :nullexternref, :nullexnref], got :i33"
      )
    end

    it "refuses what is no Symbol" do
      expect { described_class.new("i32") }.to raise_error(TypeError, "no implicit conversion of String into Symbol")
      expect { described_class.new(:concrete_struct) }.to raise_error(ArgumentError, /got :concrete_struct\z/)
      expect { described_class.new(:i8) }.to raise_error(ArgumentError, /got :i8\z/)
      expect { described_class.new(1) }.to raise_error(TypeError, "no implicit conversion of Integer into Symbol")
      expect { described_class.new(nil) }.to raise_error(TypeError, /into Symbol/)
    end
  end

  it "knows numbers from references" do
    expect(described_class.new(:i32)).to have_attributes(kind: :i32, reference?: false, nullable?: false)
    expect(described_class.new(:v128)).to have_attributes(kind: :v128, reference?: false, nullable?: false)
    expect(described_class.new(:externref)).to have_attributes(kind: :extern, reference?: true, nullable?: true)
    expect(described_class.new(:extern, nullable: false)).to have_attributes(kind: :extern, reference?: true, nullable?: false)
  end

  it "has no Symbol for references that are not null, and for a module's own types" do
    expect(described_class.new(:func, nullable: false).to_sym).to be_nil
    expect(described_class.new(struct).to_sym).to be_nil
    expect(described_class.new(:func).type).to be_nil
  end

  it "is equal to what means the same, and has the same hash" do
    same = [described_class.new(:func), described_class.new(:funcref)]
    expect(same.first).to eq(same.last).and eql(same.last)
    expect(same.map(&:hash).uniq.size).to eq(1)
    expect(same.uniq.size).to eq(1)
    expect(described_class.new(:func, nullable: false)).not_to eq(described_class.new(:func))
    expect(described_class.new(:i32)).not_to eq(described_class.new(:i64))
    expect(described_class.new(:i32)).not_to eq(:i32)
    expect(described_class.new(:i32, nullable: false)).to eq(described_class.new(:i32))
  end

  it "is equal to another reference to the same type" do
    same = described_class.new(Wasmtime::StructType.new(engine, [:i32]))
    expect(same).to eq(described_class.new(struct)).and eql(described_class.new(struct))
    expect(same.hash).to eq(described_class.new(struct).hash)
    expect(same).not_to eq(described_class.new(struct, nullable: false))
    expect(same).not_to eq(described_class.new(Wasmtime::StructType.new(engine, [:i64])))
    expect(same).not_to eq(described_class.new(:struct))
  end

  it "takes part in pattern matching" do
    case described_class.new(:func, nullable: false)
    in { kind: :func, nullable: false, reference: true } then nil
    end
    expect(described_class.new(:f64).deconstruct_keys(nil)).to eq(kind: :f64, nullable: false, reference: false, type: nil)
    case described_class.new(struct)
    in { type: Wasmtime::StructType => type } then expect(type).to equal(struct)
    end
  end

  it "is given by a module for types without a Symbol" do
    wat = '(module (type $t (func)) (func (export "f") (param (ref func) (ref $t) (ref null $t) externref)))'
    type = Wasmtime::Module.new(Wasmtime::Engine.new(wasm_function_references: true), wat).exports.first.type
    expect(type.to_s).to eq("(func (param (ref func) (ref $func) (ref null $func) externref))")
    expect(type.params.values_at(0, 3)).to eq([described_class.new(:func, nullable: false), :externref])
    strict, nullable = type.params.values_at(1, 2)
    expect([strict, nullable].map { |given| given.type.class }).to eq([Wasmtime::HeapType] * 2)
    expect([strict, nullable]).to eq([described_class.new(strict.type, nullable: false), described_class.new(nullable.type)])
  end

  it "can be shared between Ractors" do
    expect([described_class.new(:i32), described_class.new(struct)].map { |type| Ractor.shareable?(type) }).to eq([true, true])
  end
end
