# frozen_string_literal: true

RSpec.describe Wasmtime::Component::ExportedInstance do
  let(:instance) { ShapeGuests.instance }
  let(:interface) { instance[ShapeGuests::INTERFACE] }
  let(:inner) { instance["outer"]["inner"] }

  it "has the name it is exported under, whatever it was asked by" do
    expect([interface.name, instance["test:guest/shapes"].name, inner.name]).to eq([ShapeGuests::INTERFACE, ShapeGuests::INTERFACE, "inner"])
  end

  it "has the types of its exports, frozen" do
    expect(interface.exports).to eq(instance.component.exports[ShapeGuests::INTERFACE].exports).and be_frozen
    expect(interface.exports.transform_values(&:to_s)).to eq("get-distance" => "func(from-x: s32, to-x: s32) -> s32", "nothing" => "func()")
    expect(instance["outer"].exports.keys).to eq(["inner"])
  end

  it "is in the store of its instance" do
    expect([interface.store, inner.store]).to all(equal(instance.store))
  end

  it "looks from where it is" do
    expect(inner.get_func("get-distance").call(1, 5)).to eq(4)
    expect(inner.get_export_index("nothing")).to eq(instance.get_export_index(%w[outer inner nothing]))
    expect(instance["outer"].get_func(%w[inner nothing])).to be_a(Wasmtime::Component::Func)
    expect(inner.get_export_index([])).to eq(instance.get_export_index(%w[outer inner]))
    expect([inner.get_func("forever"), inner["outer"], inner.get_func(%w[outer inner nothing])]).to eq([nil, nil, nil])
  end

  it "has functions that know the instance" do
    expect([interface["nothing"].instance, inner["nothing"].instance]).to all(equal(instance))
  end

  it "takes places as they are, wherever they lie" do
    expect(inner.get_func(instance.get_export_index("get-distance")).call(1, 5)).to eq(4)
  end

  it "refuses what is no path" do
    expect { inner.get_func(nil) }
      .to raise_error(TypeError, "invalid argument for component index, expected String | ExportIndex | Array of both, got nil")
    expect { inner[nil] }.to raise_error(TypeError, "no implicit conversion of nil into String")
  end

  it "shows what it exports, also when its store is closed" do
    instance["outer"]
    shown = "#<Wasmtime::Component::ExportedInstance test:guest/shapes@1.2.0: get-distance, nothing>"
    expect(interface.inspect).to eq(shown)
    instance.store.close
    expect([interface.inspect, interface.exports.size]).to eq([shown, 2])
    expect { interface.functions.nothing }.to raise_error(an_instance_of(Wasmtime::StoreClosedError), "Wasmtime::Store is closed")
    expect { instance["outer"]["inner"].invoke("nothing") }.to raise_error(an_instance_of(Wasmtime::StoreClosedError), "Wasmtime::Store is closed")
  end
end
