# frozen_string_literal: true

RSpec.describe Wasmtime::SharedMemory do
  let(:engine) { Wasmtime::Engine.new(wasm_threads: true, shared_memory: true) }
  let(:store) { Wasmtime::Store.new(engine) }
  let(:owner) { instance('(module (memory (export "m") 1 3 shared) (func (export "grow") (result i32) i32.const 1 memory.grow))') }
  let(:memory) { owner.export("m") }
  let(:user) do
    <<~WAT
      (module (import "a" "m" (memory 1 3 shared)) (func (export "store") (param i32) i32.const 0 local.get 0 i32.store8)
        (func (export "load") (result i32) i32.const 0 i32.load8_u))
    WAT
  end

  def instance(wat, imports = [], store: self.store)
    Wasmtime::Instance.new(store, Wasmtime::Module.new(engine, wat), imports)
  end

  it "has a type and sizes" do
    expect(memory.type).to eq(Wasmtime::MemoryType.new(1, 3, shared: true))
    expect([memory.size, memory.data_size]).to eq([1, 65_536])
    owner.invoke("grow")
    expect([memory.size, memory.data_size]).to eq([2, 131_072])
    expect(memory.inspect).to eq("#<Wasmtime::SharedMemory (memory 1 3 shared)>")
  end

  it "is shared by stores of its engine" do
    first = instance(user, [memory])
    second = instance(user, { "a" => { m: memory } }, store: Wasmtime::Store.new(engine))
    first.invoke("store", 42)
    expect(second.invoke("load")).to eq(42)
  end

  it "belongs to its engine" do
    mod = Wasmtime::Module.new('(module (import "a" "m" (memory 1)))')
    expect { Wasmtime::Instance.new(Wasmtime::Store.new, mod, [memory]) }
      .to raise_error(Wasmtime::Error, "the shared memory belongs to another engine")
  end

  it "outlives the store it came from" do
    memory
    store.close
    expect([memory.size, memory.data_size, memory.type]).to eq([1, 65_536, Wasmtime::MemoryType.new(1, 3, shared: true)])
    other = instance(user, [memory], store: Wasmtime::Store.new(engine))
    other.invoke("store", 7)
    expect(other.invoke("load")).to eq(7)
  end

  it "is made by modules only" do
    expect { described_class.new }.to raise_error(TypeError)
    expect { described_class.allocate }.to raise_error(TypeError)
    expect { memory.dup }.to raise_error(TypeError)
  end
end
