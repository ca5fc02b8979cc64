# frozen_string_literal: true

RSpec.describe "Guest resources" do
  let(:store) { Wasmtime::Store.new }
  let(:component) { Wasmtime::Component::Component.new(ResourceGuests::COUNTERS) }
  let(:linker) { Wasmtime::Component::Linker.new }
  let(:instance) { linker.instantiate(store, component) }

  def counter(value, from = instance) = from.invoke("[constructor]counter", value)
  def drops(of = instance) = of.invoke("drops")

  it "are objects with the methods of their type, in snake_case" do
    one = counter(5)
    expect(one).to be_a(Wasmtime::Component::Resource)
    expect([one.value, one.add_and_get(3), one.value]).to eq([5, 8, 8])
    expect([one.respond_to?(:add_and_get), one.respond_to?(:nothing), one.method(:value).call]).to eq([true, false, 8])
    expect { one.nothing }.to raise_error(NoMethodError, /undefined method `nothing'/)
    expect { one.add_and_get }.to raise_error(ArgumentError)
    expect { one.add_and_get("3") }.to raise_error(TypeError, 'argument "n": expected s32, got "3"')
  end

  it "have the type the instance exports" do
    expect([counter(1).type, counter(2).type]).to all(eq(instance.get_resource("counter")))
    other = linker.instantiate(store, component)
    expect(counter(1, other).type).not_to eq(counter(1).type)
  end

  it "are owned, and dropped once when they are closed" do
    one = counter(7)
    expect([one.owned?, one.closed?, drops]).to eq([true, false, 0])
    one.close
    expect([one.closed?, drops, instance.invoke("last")]).to eq([true, 1, 7])
  end

  %i[close resource_drop].each do |drop|
    it "cannot be used or dropped again after #{drop}" do
      one = counter(7)
      one.public_send(drop)
      expect { one.resource_drop }.to raise_error(an_instance_of(Wasmtime::Error), "Resource has already been dropped")
      expect { one.value }.to raise_error(an_instance_of(Wasmtime::Error), 'argument "self": Resource has already been dropped')
      expect { instance.invoke("keep", one) }.to raise_error(an_instance_of(Wasmtime::Error), 'argument "a": Resource has already been dropped')
      expect([one.close, drops]).to eq([nil, 1])
    end
  end

  it "are of no use once they were passed away as own, and nothing drops them then" do
    one = counter(3)
    instance.invoke("keep", one)
    expect([one.closed?, drops]).to eq([true, 0])
    passed = "the resource was passed away as own: it belongs to whoever took it"
    expect { one.value }.to raise_error(an_instance_of(Wasmtime::Error), "argument \"self\": #{passed}")
    expect { one.resource_drop }.to raise_error(an_instance_of(Wasmtime::Error), passed)
    expect { instance.invoke("keep", one) }.to raise_error(an_instance_of(Wasmtime::Error), "argument \"a\": #{passed}")
    expect(one.close).to be_nil
    back = instance.invoke("kept")
    expect([back.value, back.owned?, one.closed?, drops]).to eq([3, true, true, 0])
    back.close
    expect(drops).to eq(1)
  end

  it "go to functions of their type, several at once" do
    merged = instance.invoke("[static]counter.merge", counter(3), counter(4))
    expect([merged.value, drops, instance.invoke("last")]).to eq([7, 2, 4])
  end

  it "may be borrowed twice in one call" do
    one = counter(4)
    expect([instance.invoke("[static]counter.sum", one, one), one.value, one.closed?]).to eq([8, 4, false])
  end

  it "cannot be given away twice in one call, and are usable after the attempt" do
    one = counter(4)
    expect { instance.invoke("[static]counter.merge", one, one) }.to raise_error(
      an_instance_of(Wasmtime::Error), 'argument "b": the resource is given away as own by another argument of the same call'
    )
    expect([one.value, one.closed?, drops]).to eq([4, false, 0])
  end

  it "stay usable when another argument does not fit" do
    one = counter(4)
    expect { instance.invoke("[static]counter.merge", one, "two") }.to raise_error(TypeError, 'argument "b": expected resource, got "two"')
    expect { instance.invoke("[static]counter.merge", one) }.to raise_error(ArgumentError)
    expect([one.value, drops]).to eq([4, 0])
    one.close
    expect(drops).to eq(1)
  end

  it "belong to their store" do
    other = linker.instantiate(Wasmtime::Store.new, component)
    foreign = counter(4, other)
    expect { instance.invoke("keep", foreign) }
      .to raise_error(an_instance_of(Wasmtime::StoreError), 'argument "a": the resource belongs to another store')
    expect([foreign.value, foreign.closed?, drops(other)]).to eq([4, false, 0])
  end

  it "are of the type of one instance only" do
    other = linker.instantiate(store, component)
    foreign = counter(4, other)
    expect { instance.invoke("keep", foreign) }
      .to raise_error(TypeError, /\Aargument "a": expected a resource of another type, got #<Wasmtime::Component::Resource/)
    expect([foreign.value, drops, drops(other)]).to eq([4, 0, 0])
  end

  it "come in lists" do
    all = instance.invoke("numbers", 600)
    expect(all.map(&:value)).to eq([*0...600])
    all.each(&:close)
    expect([drops, all.all?(&:closed?)]).to eq([600, true])
  end

  it "raise what their destructor ends with, and are dropped by it" do
    one = counter(-666)
    expect { one.close }.to raise_error(Wasmtime::Trap, /unreachable/)
    expect(one.closed?).to be true
    expect { one.resource_drop }.to raise_error(Wasmtime::Error, "Resource has already been dropped")
  end

  it "raise what their methods end with" do
    one = counter(1)
    expect { one.fail(2) }.to raise_error(Wasmtime::Trap, /unreachable/)
    expect { one.value }.to raise_error(Wasmtime::Error, /unreachable/)
  end

  it "are closed with their store" do
    one = counter(1)
    store.close
    expect(one.closed?).to be true
    expect { one.value }.to raise_error(Wasmtime::StoreClosedError, "Wasmtime::Store is closed")
    expect { one.resource_drop }.to raise_error(Wasmtime::StoreClosedError, "Wasmtime::Store is closed")
    expect(one.close).to be_nil
  end

  it "are made by guests only" do
    expect { Wasmtime::Component::Resource.allocate }.to raise_error(TypeError)
    expect { counter(1).dup }.to raise_error(TypeError)
    expect { counter(1).clone }.to raise_error(TypeError)
  end

  it "show what they are" do
    one = counter(1)
    expect(one.inspect).to match(/\A#<Wasmtime::Component::Resource\b.*>\z/)
    one.close
    expect(one.inspect).to match(/\A#<Wasmtime::Component::Resource\b.*>\z/)
  end

  it "are made by the resource as a class, which has the static functions" do
    counters = instance["counter"]
    one, two = [3, 4].map { |value| counters.new(value) }
    expect([counters.sum(one, two), counters === one, counters === 1, counters.type == one.type]).to eq([7, true, false, true])
    expect([counters.merge(one, two).value, one.closed?, drops]).to eq([7, true, 2])
    expect { counters.nothing }.to raise_error(NoMethodError)
    expect { counters.new("3") }.to raise_error(TypeError, 'argument "value": expected s32, got "3"')
  end

  it "may be of an interface" do
    nested = linker.instantiate(store, Wasmtime::Component::Component.new(ResourceGuests::COUNTERS_INTERFACE))
    one = nested.get_func([ResourceGuests::INTERFACE, "[constructor]counter"]).call(5)
    expect([one.value, one.add_and_get(2), one.type == nested.get_resource([ResourceGuests::INTERFACE, "counter"])]).to eq([5, 7, true])
    one.close
    expect(nested[ResourceGuests::INTERFACE].functions.drops).to eq(1)
  end
end
