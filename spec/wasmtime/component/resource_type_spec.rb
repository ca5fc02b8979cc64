# frozen_string_literal: true

RSpec.describe Wasmtime::Component::ResourceType do
  let(:store) { Wasmtime::Store.new }
  let(:component) { Wasmtime::Component::Component.new(ResourceGuests::COUNTERS) }
  let(:instance) { Wasmtime::Component::Linker.new.instantiate(store, component) }
  let(:type) { instance.get_resource("counter") }

  it "is the same for the resource, its class, its objects and its functions" do
    same = [instance.get_resource("counter"), instance["counter"].type, instance["counter"].new(1).type,
            instance["[constructor]counter"].result.resource, instance["keep"].params["a"].resource, instance["kept"].result.resource]
    expect(same).to all(eq(type).and(eql(type)))
    expect(same.map(&:hash).uniq).to eq([type.hash])
    expect({ type => 1 }.values_at(*same).uniq).to eq([1])
  end

  it "is another for each instance" do
    other = Wasmtime::Component::Linker.new.instantiate(store, component).get_resource("counter")
    far = Wasmtime::Component::Linker.new.instantiate(Wasmtime::Store.new, component).get_resource("counter")
    [other, far].each { |one| expect([type == one, type.eql?(one)]).to eq([false, false]) }
    expect([type == "counter", type.eql?(nil), type == Class]).to eq([false, false, false])
  end

  it "is another in what a component says of itself, the same at each reading" do
    described = component.exports["counter"]
    expect(described).to be_an_instance_of(described_class)
    expect(described == type).to be(false)
    expect(component.exports["counter"]).to eq(described)
    expect(component.exports["kept"].result.resource).to eq(described)
  end

  it "is the same across the interfaces that use it" do
    user = Wasmtime::Component::Component.new(ResourceGuests::USER)
    file = user.imports[ResourceGuests::FILES].exports["file"]
    expect(user.exports["keep"].params["file"].resource).to eq(file)
    expect(user.exports["look"].params["file"].resource).to eq(file)
    expect(file == component.exports["counter"]).to be(false)
  end

  it "is frozen, and can be shared between Ractors" do
    expect([type.frozen?, Ractor.shareable?(type)]).to eq([true, true])
  end

  it "outlives its store" do
    kept = type
    store.close
    3.times { GC.start }
    expect([kept.hash.class, kept.inspect]).to eq([Integer, "#<Wasmtime::Component::ResourceType>"])
  end

  it "is made by components alone" do
    expect { described_class.new }.to raise_error(NoMethodError, /private method `new'/)
    expect { described_class.allocate }.to raise_error(TypeError)
    expect { type.dup }.to raise_error(TypeError)
    expect { Marshal.dump(type) }.to raise_error(TypeError)
  end
end
