# frozen_string_literal: true

RSpec.describe Wasmtime::Component::ExportIndex do
  let(:component) { ShapeGuests.component }
  let(:instance) { ShapeGuests.instance }
  let(:path) { [ShapeGuests::INTERFACE, "get-distance"] }
  let(:index) { component.get_export_index(path) }

  it "is given by the component, and by every instance of it" do
    expect(index).to be_an_instance_of(described_class)
    expect([instance.get_export_index(path), ShapeGuests.instance.get_export_index(path)]).to all(eq(index))
  end

  it "follows names, places and both" do
    interface = component.get_export_index(ShapeGuests::INTERFACE)
    [path, path.map(&:to_sym), [interface, "get-distance"], index, [index]].each { |same| expect(component.get_export_index(same)).to eq(index) }
    deep = component.get_export_index(%w[outer inner nothing])
    expect(component.get_export_index([component.get_export_index(%w[outer inner]), :nothing])).to eq(deep)
  end

  it "is nil for what is not exported" do
    ["nope", "get_distance", "test:guest/shapes", [ShapeGuests::INTERFACE, "nope"], %w[nope nothing], %w[nothing nothing], []].each do |nowhere|
      expect(component.get_export_index(nowhere)).to be_nil
    end
  end

  it "refuses what is no path" do
    { nil => "nil", 1 => "1", [nil] => "nil", [["nothing"]] => '["nothing"]', { a: 1 } => "{:a=>1}" }.each do |wrong, shown|
      message = "invalid argument for component index, expected String | ExportIndex | Array of both, got #{shown}"
      expect { component.get_export_index(wrong) }.to raise_error(TypeError, message)
      expect { instance.get_func(wrong) }.to raise_error(TypeError, message)
    end
  end

  it "finds the function in every instance of the component" do
    expect([instance, ShapeGuests.instance].map { |one| one.get_func(index).call(1, 5) }).to eq([4, 4])
    expect(instance.invoke(index, 1, to_x: 7)).to eq(6)
  end

  it "finds nothing in an instance of another component" do
    other = Wasmtime::Component::Component.new(ShapeGuests::GUEST)
    expect(instance.get_func(other.get_export_index("nothing"))).to be_nil
    expect(instance.get_func([other.get_export_index(ShapeGuests::INTERFACE), "nothing"])).to be_nil
    expect(instance.get_resource(other.get_export_index("nothing"))).to be_nil
    expect(instance.get_export_index(other.get_export_index("nothing"))).to be_nil
    expect { instance.invoke(other.get_export_index("nothing")) }
      .to raise_error(an_instance_of(Wasmtime::Error), /\Afunction #<Wasmtime::Component::ExportIndex.*> not found\z/)
  end

  it "equals the same place of the same component alone" do
    same = component.get_export_index(path)
    other = Wasmtime::Component::Component.new(ShapeGuests::GUEST).get_export_index(path)
    expect(same).to eq(index).and eql(index)
    expect({ index => 1 }).to include(same => 1)
    expect([component.get_export_index("get-distance"), other, path, nil]).to all(satisfy { |one| index != one && !index.eql?(one) })
  end

  it "outlives its component" do
    place = Wasmtime::Component::Component.new(ShapeGuests::GUEST).get_export_index("nothing")
    3.times { GC.start }
    expect([place == index, place.hash.class]).to eq([false, Integer])
  end

  it "is made by components alone" do
    expect { described_class.new }.to raise_error(NoMethodError, /private method `new'/)
    expect { described_class.allocate }.to raise_error(TypeError)
    expect { index.dup }.to raise_error(TypeError)
  end
end
