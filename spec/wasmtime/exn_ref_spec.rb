# frozen_string_literal: true

RSpec.describe Wasmtime::ExnRef do
  let(:engine) { Wasmtime::Engine.new(wasm_gc: true, wasm_function_references: true, wasm_exceptions: true) }
  let(:store) { Wasmtime::Store.new(engine) }
  let(:tag) { Wasmtime::Tag.new(store, %i[i32 externref]) }
  let(:object) { Object.new }
  let(:exn) { described_class.new(store, tag, [42, object]) }
  let(:guest) do
    Wasmtime::Instance.new(store, Wasmtime::Module.new(engine, <<~WAT), [tag])
      (module
        (import "" "tag" (tag $t (param i32 externref)))
        (global (export "kept") (mut exnref) (ref.null exn))
        (func (export "same") (param exnref) (result exnref) (local.get 0))
        (func (export "throw") (param exnref) (throw_ref (local.get 0)))
        (func (export "catch") (param exnref) (result i32 externref)
          (block $caught (result i32 externref) (try_table (catch $t $caught) (throw_ref (local.get 0))) unreachable))
        (func (export "caught") (param i32) (result exnref)
          (block $caught (result exnref) (try_table (catch_all_ref $caught) (throw $t (local.get 0) (ref.null extern))) unreachable)))
    WAT
  end

  describe ".new" do
    it "makes an exception of a tag and its values" do
      expect(exn.payload).to match([42, be(object)])
      expect(exn).to have_attributes(tag: tag, size: 2, type: Wasmtime::ExnType.new(engine, %i[i32 externref]))
      expect(exn[1]).to equal(object)
      expect(described_class.new(store, Wasmtime::Tag.new(store)).payload).to eq([])
    end

    it "carries every kind of value" do
      func = Wasmtime::Func.new(store, [], []) {}
      struct = Wasmtime::StructRef.new(store, Wasmtime::StructType.new(engine, [:i8]), [3])
      values = [1, -(2**63), 1.5, 0.1, Wasmtime::V128.i64x2(1, 2), func, struct, -7, exn, nil]
      wide = Wasmtime::Tag.new(store, %i[i32 i64 f32 f64 v128 funcref structref i31ref exnref nullref])
      expect(described_class.new(store, wide, values).payload).to eq(values)
    end

    it "refuses values that do not fit, and other numbers of them" do
      expect { described_class.new(store, tag, [1]) }.to raise_error(ArgumentError, "wrong number of values (given 1, expected 2)")
      expect { described_class.new(store, tag, ["1", 2]) }
        .to raise_error(TypeError, "no implicit conversion of String into Integer (value at index 0)")
      expect { described_class.new(store, tag, 1) }.to raise_error(TypeError, "no implicit conversion of Integer into Array")
      expect { described_class.new(store, :tag) }.to raise_error(TypeError, "no implicit conversion of Symbol into Wasmtime::Tag")
    end

    it "refuses a tag of another store" do
      expect { described_class.new(Wasmtime::Store.new(engine), tag, [1, 2]) }.to raise_error(
        an_instance_of(Wasmtime::StoreError), "the Wasmtime::Tag belongs to another store; objects can be used in the store that made them only"
      )
    end

    it "is refused when the store is closed" do
      tag
      store.close
      expect { described_class.new(store, tag, [1, 2]) }.to raise_error(an_instance_of(Wasmtime::StoreClosedError), "Wasmtime::Store is closed")
    end
  end

  it "refuses values it does not carry" do
    expect { exn[2] }.to raise_error(an_instance_of(Wasmtime::Error), "index 2 is out of bounds: there are 2 fields")
    expect { exn[-1] }.to raise_error(RangeError, "index is negative: -1")
    expect(exn).not_to respond_to(:[]=)
  end

  it "takes part in pattern matching" do
    case exn
    in [42, _] then nil
    end
  end

  it "goes through the guest, and stays in its globals" do
    expect(guest.invoke("same", exn)).to eq(exn)
    expect(guest.invoke("same", nil)).to be_nil
    kept = guest.export("kept")
    expect([kept.type, kept.get]).to eq([:exnref, nil])
    kept.set(exn)
    expect(kept.get).to eq(exn)
    expect(kept.get.payload[1]).to equal(object)
    kept.set(nil)
    expect(kept.get).to be_nil
    expect { kept.set(1) }.to raise_error(TypeError, "no implicit conversion of Integer into exnref")
    expect { guest.invoke("same", tag) }.to raise_error(TypeError, "no implicit conversion of Wasmtime::Tag into exnref (param at index 0)")
  end

  it "is thrown with throw_ref, and what the guest caught" do
    expect { guest.invoke("throw", exn) }.to raise_error(Wasmtime::WasmException) { |e| expect(e.exnref).to eq(exn) }
    expect(guest.invoke("catch", exn)).to match([42, be(object)])
    expect { guest.invoke("throw", nil) }.to raise_error(Wasmtime::Trap) { |e| expect(e.code).to eq(:null_reference) }
    caught = guest.invoke("caught", 9)
    expect([caught.payload, caught.tag == tag]).to eq([[9, nil], true])
  end

  it "keeps what it carries" do
    kept = Thread.new { described_class.new(store, tag, [1, +"text"]) }.value
    5.times do
      GC.start
      store.gc
    end
    expect(kept.payload).to eq([1, "text"])
  end

  it "needs an engine with a collector, as its tag does" do
    bare = Wasmtime::Store.new(Wasmtime::Engine.new(gc_support: false))
    expect { Wasmtime::Tag.new(bare, [:i32]) }.to raise_error(an_instance_of(Wasmtime::Error), /without a GC runtime/)
  end

  it "is made by new and by guests only" do
    expect { described_class.allocate }.to raise_error(TypeError)
    expect { exn.dup }.to raise_error(TypeError)
  end
end
