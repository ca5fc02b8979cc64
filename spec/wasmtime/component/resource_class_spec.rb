# frozen_string_literal: true

RSpec.describe Wasmtime::Component::ResourceClass do
  let(:store) { Wasmtime::Store.new }
  let(:linker) { Wasmtime::Component::Linker.new }
  let(:interface) do
    linker.instantiate(store, Wasmtime::Component::Component.new(ResourceGuests::COUNTERS_INTERFACE))[ResourceGuests::INTERFACE]
  end
  let(:counters) { interface["counter"] }
  # A resource without a constructor, in either spelling of a static function.
  let(:things) do
    linker.instantiate(store, Wasmtime::Component::Component.new(<<~WAT))["thing"]
      (component
        (type $type (resource (rep i32)))
        (export $thing "thing" (type $type))
        (core func $new (canon resource.new $type))
        (core module $m (import "" "new" (func $new (param i32) (result i32))) (export "make" (func $new)))
        (core instance $i (instantiate $m (with "" (instance (export "new" (func $new))))))
        (func (export "[static]thing.make-it") (param "number" u32) (result (own $thing)) (canon lift (core func $i "make"))))
    WAT
  end

  it "is the same object each time, with the name of the resource" do
    expect(counters).to be_an_instance_of(described_class).and equal(interface[:counter])
    expect(counters.name).to eq("counter")
    expect(counters.inspect).to eq("#<Wasmtime::Component::ResourceClass counter>")
  end

  it "calls the constructor with arguments in order or by name" do
    expect([counters.new(3).value, counters.new(value: 4).value, counters.new(5, timeout: 5).value]).to eq([3, 4, 5])
    expect { counters.new }.to raise_error(ArgumentError, "wrong number of arguments (given 0, expected 1)")
    expect { counters.new("3") }.to raise_error(TypeError, 'argument "value": expected s32, got "3"')
  end

  it "says that there is no constructor" do
    expect { things.new(1) }.to raise_error(NoMethodError, /\Athe resource thing has no constructor/) { |e| expect(e.name).to eq(:new) }
  end

  it "has static functions as methods, with arguments in order or by name" do
    one = counters.new(3)
    expect([counters.sum(one, one), counters.sum(one, b: one), counters.method(:sum).call(one, one), things.make_it(1).class])
      .to eq([6, 6, 6, Wasmtime::Component::Resource])
    expect(counters.sum(one, one, timeout: 5)).to eq(6)
    expect { counters.sum(one) }.to raise_error(ArgumentError, "wrong number of arguments (given 1, expected 2)")
  end

  it "is truthful in respond_to?" do
    names = %i[sum merge new value add_and_get nope make_it]
    expect(names.select { |name| counters.respond_to?(name) }).to eq(%i[sum merge new])
    expect([things.respond_to?(:make_it), things.respond_to?("make_it"), things.respond_to?(:sum)]).to eq([true, true, false])
    expect { counters.value }.to raise_error(NoMethodError, /undefined method `value'/)
  end

  it "is a pattern for its objects" do
    other = linker.instantiate(store, Wasmtime::Component::Component.new(ResourceGuests::COUNTERS_INTERFACE))[ResourceGuests::INTERFACE]["counter"]
    one = counters.new(3)
    described = case one
                when things then "a thing"
                when other then "another's"
                when counters then "a counter"
                end
    expect([described, counters === 3, counters === "counter", other === one]).to eq(["a counter", false, false, false])
  end

  it "has the type of its objects" do
    expect(counters.type).to be_a(Wasmtime::Component::ResourceType).and equal(counters.type)
    expect(counters.new(1).type).to eq(counters.type)
    expect(interface.get_resource("counter")).to eq(counters.type)
  end

  it "shows itself when its store is closed, and is of no more use" do
    one = counters.new(1)
    things
    store.close
    expect([counters.inspect, counters === one]).to eq(["#<Wasmtime::Component::ResourceClass counter>", true])
    expect { counters.new(1) }.to raise_error(an_instance_of(Wasmtime::StoreClosedError), "Wasmtime::Store is closed")
    expect { things.make_it(1) }.to raise_error(an_instance_of(Wasmtime::StoreClosedError), "Wasmtime::Store is closed")
  end
end
