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

  it "is made by modules only" do
    expect { described_class.new }.to raise_error(TypeError)
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
