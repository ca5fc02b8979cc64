# frozen_string_literal: true

RSpec.describe Wasmtime::Usage do
  let(:engine) { Wasmtime::Engine.new(consume_fuel: true) }
  let(:store) { Wasmtime::Store.new(engine).tap { |store| store.set_fuel(1000) } }

  it "tells time, fuel, memory and calls of host blocks, and cannot be changed" do
    mod = Wasmtime::Module.new(engine, <<~WAT)
      (module (import "" "f" (func $f)) (memory 2) (func (export "run") (call $f) (call $f) (drop (memory.grow (i32.const 1)))))
    WAT
    began = described_class._now
    instance = Wasmtime::Instance.new(store, mod, "" => { f: -> {} })
    expect(described_class._of(store, began, 1000)).to have_attributes(host_calls: 0, peak_memory: 2 << 16)
    instance.invoke("run")
    usage = described_class._of(store, began, 1000)
    expect(usage).to be_frozen.and have_attributes(wall: be_positive, fuel: 1000 - store.get_fuel, peak_memory: 3 << 16, host_calls: 2)
    expect(described_class._of(store, began, nil, 2)).to have_attributes(fuel: nil, host_calls: 0)
    expect(store.host_calls).to eq(2)
  end
end
