# frozen_string_literal: true

# Vectors and references as parameters and results; numbers are in func_spec.rb.
RSpec.describe Wasmtime::Func do
  let(:engine) { Wasmtime::Engine.default }
  let(:store) { Wasmtime::Store.new(engine) }
  let(:double) { func([:i32], [:i32]) { |_caller, n| n * 2 } }

  def func(params, results, &)
    described_class.new(store, params, results, &)
  end

  def wasm(wat)
    Wasmtime::Instance.new(store, Wasmtime::Module.new(engine, wat))
  end

  describe "functions of a declared type" do
    let(:guest) do
      wasm(<<~WAT)
        (module (type $step (func (param i32) (result i32)))
          (global (export "kept") (mut (ref null $step)) (ref.null $step))
          (table (export "table") 2 (ref null $step))
          (func (export "inc") (type $step) (i32.add (local.get 0) (i32.const 1)))
          (func (export "same") (param (ref null $step)) (result (ref null $step)) (local.get 0)))
      WAT
    end
    let(:type) { guest.export("kept").type }
    let(:inc) { guest.export("inc") }

    it "pass as what they are" do
      expect([inc, double, nil].map { |given| guest.invoke("same", given) }).to eq([inc, double, nil])
      expect { guest.invoke("same", func([:i64], []) {}) }.to raise_error(Wasmtime::Error, /\Aargument type mismatch: /)
      expect { guest.invoke("same", 1) }.to raise_error(TypeError, "no implicit conversion of Integer into Wasmtime::Func (param at index 0)")
    end

    it "are kept by globals and tables of that type only" do
      kept, table = %w[kept table].map { |name| guest.export(name) }
      kept.set(double)
      table[1] = double
      expect([kept.get, table[1], table.type]).to eq([double, double, type])
      expect { kept.set(func([], []) {}) }.to raise_error(an_instance_of(Wasmtime::Error), /type mismatch/)
      expect { table[0] = func([], []) {} }.to raise_error(an_instance_of(Wasmtime::Error), /type mismatch/)
      expect([kept.get, table.to_a]).to eq([double, [nil, double]])
    end

    it "are parameters and results of blocks" do
      through = func([type], [type.type.to_val_type(nullable: false)]) { |_caller, given| given || double }
      expect([through.call(inc), through.call(nil)]).to eq([inc, double])
      expect { func([], [type]) { func([], []) {} }.call }
        .to raise_error(Wasmtime::Error, /\Afunction attempted to return an incompatible value: type mismatch/)
    end
  end

  describe "v128" do
    let(:vector) { Wasmtime::V128.i32x4(1, 2, 3, -4) }
    let(:guest) do
      wasm(<<~WAT)
        (module
          (func (export "add") (param v128 v128) (result v128) (i32x4.add (local.get 0) (local.get 1)))
          (func (export "simple") (param v128 externref) (result externref v128) (local.get 1) (local.get 0))
          (func (export "checked") (param v128 anyref) (result anyref v128) (local.get 1) (local.get 0))
          (func (export "many") (param v128 v128 v128 v128 v128 v128 v128 v128 v128) (result v128) (local.get 8)))
      WAT
    end

    it "is a V128 in every kind of call" do
      expect(guest.invoke("add", vector, vector).i32x4).to eq([2, 4, 6, -8])
      expect(guest.invoke("simple", vector, :object)).to eq([:object, vector])
      expect(guest.invoke("checked", vector, 5)).to eq([5, vector])
      expect(guest.invoke("many", *([Wasmtime::V128.i64x2(0, 0)] * 8), vector)).to eq(vector)
      expect(guest.export("add").to_func(gvl: false).call(vector, vector).i32x4).to eq([2, 4, 6, -8])
    end

    it "is a V128 in blocks" do
      expect(func(%i[v128 v128], %i[v128 v128]) { |_caller, one, other| [other, one] }.call(vector, Wasmtime::V128.i64x2(1, 2)))
        .to eq([Wasmtime::V128.i64x2(1, 2), vector])
      expect(func(%i[anyref v128], [:v128]) { |_caller, _, given| given }.call(nil, vector)).to eq(vector)
    end

    it "is nothing else" do
      expect { guest.invoke("add", vector, 1) }.to raise_error(TypeError, "no implicit conversion of Integer into Wasmtime::V128 (param at index 1)")
      expect { guest.invoke("checked", vector.bytes, nil) }
        .to raise_error(TypeError, "no implicit conversion of String into Wasmtime::V128 (param at index 0)")
      expect { func([], [:v128]) { 1 }.call }.to raise_error(
        Wasmtime::ResultError, /\Ainvalid result at index 0: no implicit conversion of Integer into Wasmtime::V128 in #<Proc:/
      )
    end
  end

  describe "references of the guest's heap" do
    let(:struct) { Wasmtime::StructRef.new(store, Wasmtime::StructType.new(engine, [:i32]), [1]) }
    let(:array) { Wasmtime::ArrayRef.new(store, Wasmtime::ArrayType.new(engine, :i8), [1]) }
    let(:exn) { Wasmtime::ExnRef.new(store, Wasmtime::Tag.new(store), []) }

    it "are arguments and results of blocks" do
      types = %i[anyref eqref i31ref structref arrayref exnref nullref nullfuncref nullexternref nullexnref]
      values = [Wasmtime::AnyRef.from_extern(store, :x), array, -5, struct, array, exn, nil, nil, nil, nil]
      seen = nil
      echo = func(types, types) { |_caller, *given| seen = given }
      expect(echo.call(*values)).to eq(values)
      expect(seen).to eq(values)
      expect(echo.call(*([nil] * types.size))).to eq([nil] * types.size)
    end

    it "are results of their type only" do
      { i31ref: 2**31, structref: array, arrayref: struct, eqref: Wasmtime::AnyRef.from_extern(store, 1), exnref: struct, nullref: struct,
        Wasmtime::ValType.new(:any, nullable: false) => nil }.each do |type, value|
        expect { func([], [type]) { value }.call }.to raise_error(Wasmtime::ResultError, /\Ainvalid result at index 0: /)
      end
      foreign = Wasmtime::AnyRef.from_extern(Wasmtime::Store.new(engine), 1)
      expect { func([], [:anyref]) { foreign }.call }.to raise_error(Wasmtime::ResultError, /the reference belongs to another store/)
    end

    it "of another declared type are refused as results" do
      type = Wasmtime::StructType.new(engine, [:f64])
      expect { func([], [type]) { struct }.call }
        .to raise_error(Wasmtime::Error, /\Afunction attempted to return an incompatible value: type mismatch/)
    end
  end
end
