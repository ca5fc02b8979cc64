# frozen_string_literal: true

RSpec.describe Wasmtime::Tag do
  let(:engine) { Wasmtime::Engine.new(wasm_exceptions: true) }
  let(:store) { Wasmtime::Store.new(engine) }
  let(:thrower) do
    compile('(module (tag $t (export "tag") (param i32)) (func (export "throw") (param i32) local.get 0 throw $t))')
  end
  let(:tag) { thrower.export("tag") }

  def compile(wat, imports = [], store: self.store)
    Wasmtime::Instance.new(store, Wasmtime::Module.new(engine, wat), imports)
  end

  it "has a type and a store" do
    expect(tag.type).to eq(Wasmtime::TagType.new([:i32]))
    expect(tag.store).to equal(store)
    expect(tag.inspect).to eq("#<Wasmtime::Tag (tag (param i32))>")
  end

  it "lets one module catch what another throws" do
    catcher = compile(<<~WAT, { "t" => thrower })
      (module (import "t" "tag" (tag $t (param i32))) (import "t" "throw" (func $throw (param i32)))
        (func (export "catch") (result i32) (block $h (result i32) (try_table (catch $t $h) (call $throw (i32.const 42))) (i32.const 0))))
    WAT
    expect(catcher.invoke("catch")).to eq(42)
  end

  it "belongs to its store" do
    other = Wasmtime::Store.new(engine)
    expect { compile('(module (import "t" "tag" (tag (param i32))))', [tag], store: other) }.to raise_error(
      an_instance_of(Wasmtime::StoreError), "the Wasmtime::Tag belongs to another store; objects can be used in the store that made them only"
    )
  end

  it "must have the type that is asked for" do
    expect { compile('(module (import "t" "tag" (tag (param i64))))', [tag]) }.to raise_error(
      Wasmtime::LinkError, "cannot link the module:\n  import \"t\" \"tag\": expected (tag (param i64)), given (tag (param i32))"
    )
  end

  describe ".new" do
    it "makes a tag of the types of its payload" do
      struct = Wasmtime::StructType.new(engine, [:i32])
      made = described_class.new(store, [:i32, Wasmtime::ValType.new(:func), struct])
      expect(made.type).to eq(Wasmtime::TagType.new([:i32, :funcref, struct.to_val_type]))
      expect(made.store).to equal(store)
      expect(described_class.new(store).type.params).to eq([])
      expect(described_class.new(store, Wasmtime::TagType.new([:f64])).type).to eq(Wasmtime::TagType.new([:f64]))
    end

    it "makes what modules import" do
      made = described_class.new(store, [:i32])
      guest = compile('(module (import "" "t" (tag $t (param i32))) (export "t" (tag $t)) (func (export "throw") (throw $t (i32.const 5))))', [made])
      expect(guest.export("t")).to eq(made)
      expect { guest.invoke("throw") }.to raise_error(Wasmtime::WasmException) { |e| expect([e.tag, e.payload]).to eq([made, [5]]) }
    end

    it "refuses what is no type, no list and no store" do
      expect { described_class.new(store, [:i33]) }.to raise_error(ArgumentError, /\Ainvalid WebAssembly type, .* got :i33\z/)
      expect { described_class.new(store, :i32) }.to raise_error(TypeError, "no implicit conversion of Symbol into Array")
      expect { described_class.new(nil) }.to raise_error(TypeError, "no implicit conversion of NilClass into Wasmtime::Store")
      foreign = Wasmtime::StructType.new(Wasmtime::Engine.new, [:i32])
      expect { described_class.new(store, [foreign]) }
        .to raise_error(ArgumentError, "the type belongs to another engine; make it with the engine it is used with")
    end

    it "is refused when the store is closed" do
      store.close
      expect { described_class.new(store) }.to raise_error(an_instance_of(Wasmtime::StoreClosedError), "Wasmtime::Store is closed")
    end
  end

  describe "#exception" do
    it "makes an exception to raise" do
      made = tag.exception(42)
      expect(made).to be_an_instance_of(Wasmtime::WasmException)
        .and have_attributes(tag: tag, payload: [42], frames: [], message: "wasm exception (tag (param i32)): [42]")
      expect(made.exnref.payload).to eq([42])
    end

    it "lets raise take the tag itself" do
      expect { raise tag, 42 }.to raise_error(Wasmtime::WasmException) { |e| expect([e.tag, e.payload]).to eq([tag, [42]]) }
      bare = described_class.new(store)
      expect { raise bare }.to raise_error(Wasmtime::WasmException, "wasm exception (tag): []")
    end

    it "refuses values that do not fit, and other numbers of them" do
      expect { tag.exception }.to raise_error(ArgumentError, "wrong number of values (given 0, expected 1)")
      expect { tag.exception("x") }.to raise_error(TypeError, "no implicit conversion of String into Integer (value at index 0)")
      expect { tag.exception(2**32) }.to raise_error(RangeError, /\Ainteger 4294967296 out of range for i32 .* \(value at index 0\)\z/)
    end
  end

  describe "#==" do
    it "is about the tag, not about its type or the Ruby object" do
      guest = compile('(module (import "" "t" (tag $t (param i32))) (export "t" (tag $t)))', [tag])
      again = guest.export("t")
      expect(again).not_to equal(tag)
      expect(again).to eq(tag).and eql(tag)
      expect(again.hash).to eq(tag.hash)
      expect({ tag => 1 }[again]).to eq(1)
      expect(described_class.new(store, [:i32])).not_to eq(tag)
      expect([tag == 1, tag.nil?]).to eq([false, false])
    end

    it "is false for a tag of another store" do
      expect(described_class.new(Wasmtime::Store.new(engine), [:i32])).not_to eq(tag)
    end
  end

  it "is made by new and by modules only" do
    expect { described_class.allocate }.to raise_error(TypeError)
    expect { tag.dup }.to raise_error(TypeError)
  end

  it "raises for its type when the store is closed" do
    tag
    store.close
    expect { tag.type }.to raise_error(an_instance_of(Wasmtime::StoreClosedError), "Wasmtime::Store is closed")
    expect(tag.store).to equal(store)
    expect(tag.inspect).to eq("#<Wasmtime::Tag (store closed)>")
  end
end
