# frozen_string_literal: true

RSpec.describe Wasmtime::Component::Instance do
  let(:component) { ShapeGuests.component }
  let(:store) { Wasmtime::Store.new }
  let(:instance) { ShapeGuests.instance(store) }

  it "has its component and its store, the objects themselves" do
    expect(instance.component).to equal(component)
    expect(instance.store).to equal(store)
  end

  it "has the types of what it exports" do
    expect(instance.exports).to eq(component.exports).and be_frozen
    expect(instance.exports).to equal(instance.exports)
    expect(instance.exports["get-distance"]).to eq(instance["get-distance"].type)
    expect(instance.exports.values.map(&:class).uniq)
      .to eq([Wasmtime::Component::InstanceType, Wasmtime::Component::ModuleType, Wasmtime::Component::FuncType])
  end

  it "has memory of its own" do
    guest = Wasmtime::Component::Component.new(<<~WAT)
      (component
        (core module $m (global $n (mut i32) (i32.const 0))
          (func (export "next") (result i32) (global.set $n (i32.add (global.get $n) (i32.const 1))) (global.get $n)))
        (core instance $i (instantiate $m))
        (func (export "next") (result u32) (canon lift (core func $i "next"))))
    WAT
    linker = Wasmtime::Component::Linker.new
    one, two, far = [store, store, Wasmtime::Store.new].map { |place| linker.instantiate(place, guest) }
    expect([one, one, two, one, far].map { |instance| instance.invoke("next") }).to eq([1, 2, 1, 3, 1])
  end

  it "keeps what it needs, and outlives what made it" do
    kept = Wasmtime::Component::Linker.new.then do |linker|
      linker.instantiate(Wasmtime::Store.new, Wasmtime::Component::Component.new(ShapeGuests::GUEST))
    end
    3.times { GC.start }
    expect([kept.functions.get_distance(1, 2), kept.component.exports.size, kept.store.closed?]).to eq([1, 10, false])
  end

  it "is of no use after a trap, and says why" do
    expect { instance.invoke("trap") }.to raise_error(Wasmtime::Trap, /unreachable/)
    expect { instance.invoke("nothing") }.to raise_error(Wasmtime::Trap, /unusable/) { |e| expect(e.code).to eq(:cannot_enter_component) }
    expect(ShapeGuests.instance.invoke("nothing")).to be_nil
  end

  it "shows what it exports" do
    names = "test:guest/shapes@1.2.0, test:guest/my-many@1.0.0, test:guest/my-many@2.0.0, outer, code, get-distance, nothing, forever, trap, wait"
    expect(instance.inspect).to eq("#<Wasmtime::Component::Instance #{names}>")
    store.close
    expect(instance.inspect).to eq("#<Wasmtime::Component::Instance (store closed)>")
    expect([instance.store, instance.component]).to match([be(store), be(component)])
  end

  it "is made by linkers alone, and not copied" do
    expect { described_class.new }.to raise_error(NoMethodError, /private method `new'/)
    expect { described_class.allocate }.to raise_error(TypeError)
    expect { instance.dup }.to raise_error(TypeError)
    expect { Marshal.dump(instance) }.to raise_error(TypeError)
  end
end
