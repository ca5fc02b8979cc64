# frozen_string_literal: true

RSpec.describe Wasmtime::Extern do
  let(:store) { Wasmtime::Store.new(engine) }
  let(:engine) { Wasmtime::Engine.new(wasm_exceptions: true, wasm_threads: true, shared_memory: true) }
  let(:items) do
    Wasmtime::Instance.new(store, Wasmtime::Module.new(engine, <<~WAT)).exports
      (module (func (export "func")) (memory (export "memory") 1) (table (export "table") 1 funcref) (global (export "global") i32 (i32.const 0))
        (tag (export "tag")) (memory (export "shared_memory") 1 1 shared))
    WAT
  end
  kinds = { "func" => :Func, "memory" => :Memory, "table" => :Table, "global" => :Global, "tag" => :Tag, "shared_memory" => :SharedMemory }

  kinds.each do |name, kind|
    describe "#to_#{name}" do
      it "is the #{kind} itself" do
        expect(items[name]).to be_a(described_class)
        expect(items[name].public_send(:"to_#{name}")).to equal(items[name])
      end

      kinds.except(name).each do |other, other_kind|
        it "raises for a #{other_kind}" do
          expect { items[other].public_send(:"to_#{name}") }.to raise_error(
            an_instance_of(Wasmtime::ConversionError)
              .and(have_attributes(message: "cannot convert Wasmtime::#{other_kind} to Wasmtime::#{kind}"))
          )
        end
      end
    end
  end

  it "gives a Func that releases the GVL for gvl: false and nil" do
    func = items["func"]
    expect(func.to_func(gvl: true)).to equal(func)
    expect(func.to_func(gvl: false)).to eq(func)
    expect(func.to_func(gvl: false)).not_to equal(func)
    expect(func.to_func(gvl: nil)).not_to equal(func)
    expect { items["memory"].to_func(gvl: false) }.to raise_error(Wasmtime::ConversionError)
  end

  it "shows the type" do
    expect(items["func"].inspect).to eq("#<Wasmtime::Func (func)>")
  end

  it "converts without the store, too" do
    items
    store.close
    kinds.each_key { |name| expect(items[name].public_send(:"to_#{name}")).to equal(items[name]) }
    expect { items["func"].to_memory }.to raise_error(Wasmtime::ConversionError)
  end
end
