# frozen_string_literal: true

RSpec.describe Wasmtime::Global do
  let(:engine) { Wasmtime::Engine.default }
  let(:store) { Wasmtime::Store.new(engine) }
  let(:variable) { described_class.var(store, :i32, 1) }
  let(:constant) { described_class.const(store, :i64, (2**64) - 1) }
  let(:func) { Wasmtime::Func.new(store, [], []) {} }

  describe ".var" do
    it "makes one that can be set" do
      expect(variable).to have_attributes(type: :i32, get: 1, var?: true, const?: false)
      expect(variable.set(2)).to be_nil
      expect(variable.get).to eq(2)
      expect(variable.store).to equal(store)
    end
  end

  describe ".const" do
    it "makes one that cannot be set" do
      expect(constant).to have_attributes(type: :i64, get: -1, var?: false, const?: true)
      expect { constant.set(1) }.to raise_error(an_instance_of(Wasmtime::Error), "immutable global cannot be set")
      expect { constant.set("bad") }.to raise_error(an_instance_of(Wasmtime::Error), "immutable global cannot be set")
    end
  end

  it "converts values by type" do
    float = described_class.var(store, :f32, 0.1)
    expect(float.get).to eq([0.1].pack("e").unpack1("e"))
    expect(float.set(2r) || float.get).to eq(2.0)
    variable.set((2**32) - 1)
    expect(variable.get).to eq(-1)
    variable.set(1.9)
    expect(variable.get).to eq(1)
  end

  it "holds any Ruby object, and lets it go" do
    object = Object.new
    externs = described_class.var(store, :externref, object)
    expect(externs.get).to equal(object)
    3.times { GC.start }
    expect(externs.get).to equal(object)
    externs.set(nil)
    expect(externs.get).to be_nil
  end

  it "holds functions of its store" do
    funcs = described_class.var(store, :funcref, nil)
    expect(funcs.get).to be_nil
    funcs.set(func)
    expect(funcs.get).to eq(func)
    other = Wasmtime::Func.new(Wasmtime::Store.new(engine), [], []) {}
    expect { funcs.set(other) }.to raise_error(Wasmtime::Error, "argument type mismatch: the function belongs to another store")
    expect { funcs.set(1) }.to raise_error(TypeError, "no implicit conversion of Integer into Wasmtime::Func")
    expect(funcs.get).to eq(func)
  end

  it "holds no null where the type says so" do
    strict = Wasmtime::ValType.new(:func, nullable: false)
    expect { described_class.var(store, strict, nil) }.to raise_error(TypeError, "nil given for a non-null function reference")
    expect(described_class.var(store, strict, func).type).to eq(strict)
  end

  it "refuses values that do not fit" do
    expect { variable.set(2**32) }.to raise_error(RangeError, "integer 4294967296 out of range for i32 (expected -2**31..2**32-1)")
    expect { variable.set(-(2**31) - 1) }.to raise_error(RangeError, /out of range for i32/)
    expect { variable.set(nil) }.to raise_error(TypeError, "no implicit conversion of nil into Integer")
    expect { described_class.var(store, :i32, nil) }.to raise_error(TypeError, "no implicit conversion of nil into Integer")
    expect { described_class.const(store, :f64, "1") }.to raise_error(TypeError, "can't convert String into Float")
    expect(variable.get).to eq(1)
  end

  it "refuses what is no type and no store" do
    expect { described_class.var(store, :x, 1) }.to raise_error(ArgumentError, /\Ainvalid WebAssembly type, .* got :x\z/)
    expect { described_class.var(store, "i32", 1) }.to raise_error(TypeError, "no implicit conversion of String into Symbol")
    expect { described_class.var(store, :v128, 1) }.to raise_error(TypeError, "no implicit conversion of Integer into Wasmtime::V128")
    expect { described_class.const(nil, :i32, 1) }.to raise_error(TypeError, "no implicit conversion of NilClass into Wasmtime::Store")
  end

  it "is made by var and const only" do
    expect { described_class.new(store, :i32, 1) }.to raise_error(NoMethodError)
    expect { described_class.allocate }.to raise_error(TypeError)
    expect { variable.dup }.to raise_error(TypeError)
  end

  it "is shared with the guest" do
    guest = Wasmtime::Instance.new(store, Wasmtime::Module.new(engine, <<~WAT), [variable])
      (module (import "" "g" (global $g (mut i32))) (func (export "add") (global.set $g (i32.add (global.get $g) (i32.const 1)))))
    WAT
    guest.invoke("add")
    expect(variable.get).to eq(2)
  end

  it "holds vectors and references of the guest's heap" do
    type = Wasmtime::StructType.new(engine, [:i32])
    struct = Wasmtime::StructRef.new(store, type, [1])
    exn = Wasmtime::ExnRef.new(store, Wasmtime::Tag.new(store), [])
    array = Wasmtime::ArrayRef.new(store, Wasmtime::ArrayType.new(engine, :i8), [])
    vectors = [Wasmtime::V128.i64x2(1, 2), Wasmtime::V128.i64x2(3, 4)]
    { v128: vectors, anyref: [nil, struct], eqref: [5, array], i31ref: [-(2**30), nil], structref: [nil, struct], arrayref: [array, nil],
      exnref: [nil, exn], type => [nil, struct], nullref: [nil, nil], nullexnref: [nil, nil] }.each do |content, (first, second)|
      global = described_class.var(store, content, first)
      expect(global.get).to eq(first)
      global.set(second)
      expect(global.get).to eq(second)
    end
  end

  it "holds references of its type and its store only" do
    type = Wasmtime::StructType.new(engine, [:i32])
    global = described_class.var(store, type, nil)
    expect(global.type).to eq(type.to_val_type)
    expect { global.set(Wasmtime::StructRef.new(store, Wasmtime::StructType.new(engine, [:f64]), [1])) }
      .to raise_error(an_instance_of(Wasmtime::Error), /type mismatch/)
    expect { global.set(Wasmtime::StructRef.new(Wasmtime::Store.new(engine), type, [1])) }
      .to raise_error(an_instance_of(Wasmtime::Error), "argument type mismatch: the reference belongs to another store")
    expect { global.set(5) }.to raise_error(TypeError, "no implicit conversion of Integer into structref")
    expect { described_class.var(store, type.to_val_type(nullable: false), nil) }.to raise_error(TypeError, "nil given for a non-null structref")
    expect(global.get).to be_nil
  end

  it "shows vectors and references" do
    guest = Wasmtime::Instance.new(store, Wasmtime::Module.new(engine, <<~WAT))
      (module (global (export "any") anyref (ref.i31 (i32.const -1))) (global (export "v") v128 (v128.const i64x2 0 1)))
    WAT
    expect(guest.export("any")).to have_attributes(type: :anyref, get: -1, inspect: "#<Wasmtime::Global anyref -1>")
    expect(guest.export("v").get).to eq(Wasmtime::V128.i64x2(0, 1))
    expect(guest.export("v").inspect).to match(/\A#<Wasmtime::Global v128 #<Wasmtime::V128 i32x4 /)
  end

  it "shows type and value" do
    expect(variable.inspect).to eq("#<Wasmtime::Global (mut i32) 1>")
    expect(constant.inspect).to eq("#<Wasmtime::Global i64 -1>")
  end

  describe "with a closed store" do
    before { variable && store.close }

    { type: [], var?: [], const?: [], get: [], set: [1] }.each do |name, args|
      it "raises for #{name}" do
        expect { variable.public_send(name, *args) }.to raise_error(an_instance_of(Wasmtime::StoreClosedError), "Wasmtime::Store is closed")
      end
    end

    it "still has a store and an inspect" do
      expect(variable.store).to equal(store)
      expect(variable.inspect).to eq("#<Wasmtime::Global (store closed)>")
    end
  end
end
