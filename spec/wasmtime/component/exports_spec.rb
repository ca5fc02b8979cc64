# frozen_string_literal: true

RSpec.describe Wasmtime::Component::Exports do
  let(:instance) { ShapeGuests.instance }
  let(:interface) { instance[ShapeGuests::INTERFACE] }

  def error_with(message, kind = Wasmtime::Error)
    raise_error(an_instance_of(kind).and(have_attributes(message: message)))
  end

  describe "#get_func" do
    it "finds a function by name, by names from outside in, or by place" do
      place = instance.get_export_index(ShapeGuests::INTERFACE)
      ["get-distance", :"get-distance", ["get-distance"], [ShapeGuests::INTERFACE, :"get-distance"], [place, "get-distance"],
       %w[outer inner get-distance]].each { |path| expect(instance.get_func(path).call(1, 5)).to eq(4) }
      expect(interface.get_func("get-distance").call(1, 5)).to eq(4)
    end

    it "takes names as WIT has them, and gives nil for anything else" do
      ["get_distance", "nope", "outer", "code", ShapeGuests::INTERFACE, ["test:guest/shapes", "nothing"], []].each do |path|
        expect(instance.get_func(path)).to be_nil
      end
      expect([interface.get_func("forever"), interface.get_func([])]).to eq([nil, nil])
    end
  end

  describe "#get_resource" do
    let(:instance) do
      Wasmtime::Component::Linker.new.instantiate(Wasmtime::Store.new, Wasmtime::Component::Component.new(ResourceGuests::COUNTERS_INTERFACE))
    end

    it "finds a resource, and nothing else" do
      counter = instance.get_resource([ResourceGuests::INTERFACE, "counter"])
      expect(counter).to be_a(Wasmtime::Component::ResourceType)
      expect(instance[ResourceGuests::INTERFACE].get_resource(:counter)).to eq(counter)
      nowhere = [["counter"], [ResourceGuests::INTERFACE, "drops"], [ResourceGuests::INTERFACE], []]
      expect(nowhere.map { |path| instance.get_resource(path) }).to all(be_nil)
      expect { instance.get_resource(2) }.to raise_error(TypeError, /\Ainvalid argument for component index, .*, got 2\z/)
    end
  end

  describe "#[]" do
    it "gives a function, an instance within or a resource, the same object each time" do
      expect(instance["get-distance"]).to be_a(Wasmtime::Component::Func).and equal(instance["get-distance"])
      expect(instance["outer"]["inner"]).to be_a(Wasmtime::Component::ExportedInstance).and equal(instance["outer"]["inner"])
      expect(interface["nothing"].call).to be_nil
    end

    it "takes Symbols, and underscores for hyphens" do
      expect([instance[:get_distance], instance["get_distance"], instance[:"get-distance"]]).to all(equal(instance["get-distance"]))
      expect(interface[:get_distance]).to equal(interface["get-distance"])
    end

    it "finds an interface without its version, unless there are several" do
      expect([instance["test:guest/shapes"], instance[:"test:guest/shapes"]]).to all(equal(interface))
      expect([instance["test:guest/my-many"], instance["test:guest/my_many"]]).to eq([nil, nil])
      expect(instance["test:guest/my_many@1.0.0"]).to equal(instance["test:guest/my-many@1.0.0"])
      expect(instance["test:guest/my_many@1.0.0"]).not_to equal(instance["test:guest/my-many@2.0.0"])
    end

    it "takes underscores and no version at once" do
      guest = Wasmtime::Component::Component.new('(component (instance $i) (export "my-own:pack-age/inter-face@0.1.0" (instance $i)))')
      one = Wasmtime::Component::Linker.new.instantiate(Wasmtime::Store.new, guest)
      expect(one["my_own:pack_age/inter_face"]).to equal(one["my-own:pack-age/inter-face@0.1.0"])
      expect(one["my_own:pack_age/inter_face"].name).to eq("my-own:pack-age/inter-face@0.1.0")
    end

    it "is nil for what is not exported, and for what has no object in Ruby" do
      expect(["nope", :nope, "code", "test:guest/shapes@1.0.0", ""].map { |name| instance[name] }).to all(be_nil)
    end

    it "refuses what is no name" do
      expect { instance[nil] }.to raise_error(TypeError, "no implicit conversion of nil into String")
      expect { instance[["outer"]] }.to raise_error(TypeError, "no implicit conversion of Array into String")
    end
  end

  describe "#functions" do
    it "are methods in snake_case, with arguments in order or by name" do
      functions = instance.functions
      expect(functions).to equal(instance.functions)
      expect([functions.get_distance(1, 5), functions.get_distance(1, to_x: 5), functions.get_distance(to_x: 5, from_x: 1)]).to eq([4, 4, 4])
      expect([interface.functions.get_distance(2, 9), instance["outer"]["inner"].functions.nothing]).to eq([7, nil])
    end

    it "are those of the instance itself" do
      expect(instance.functions.__names__).to eq(%i[get_distance nothing forever trap wait])
      expect(interface.functions.__names__).to eq(%i[get_distance nothing])
      expect(interface.functions.inspect).to eq("#<Wasmtime::Functions get_distance, nothing>")
      expect(instance["outer"].functions.__names__).to eq([])
    end

    it "are truthful in respond_to?" do
      names = [:get_distance, "get-distance", :nothing, :outer, :code, :nope, "test:guest/shapes"]
      expect(names.select { |name| instance.functions.respond_to?(name) }).to eq([:get_distance, "get-distance", :nothing])
      expect(interface.functions.respond_to?(:forever)).to be(false)
    end

    it "leave the functions of resources to the resources" do
      guest = Wasmtime::Component::Component.new(ResourceGuests::COUNTERS)
      counters = Wasmtime::Component::Linker.new.instantiate(Wasmtime::Store.new, guest)
      expect(counters.functions.__names__).to eq(%i[keep kept numbers drops last])
    end

    it "raise NoMethodError for what is no function, from the line that called" do
      expect { instance.functions.get_distanc(1) }
        .to raise_error(NoMethodError, "no exported function `get_distanc', did you mean \"get_distance\"?") { |e|
          expect([e.name, e.backtrace.first]).to match([:get_distanc, /exports_spec\.rb/])
        }
      expect { interface.functions.forever }.to raise_error(NoMethodError, "no exported function `forever'")
      expect { instance.functions.outer }.to raise_error(NoMethodError, "no exported function `outer'")
    end
  end

  describe "#invoke" do
    it "calls by name in either spelling, by names from outside in, or by place" do
      [:get_distance, "get-distance", ["get-distance"], [ShapeGuests::INTERFACE, "get-distance"],
       instance.get_export_index(%w[outer inner get-distance])].each { |path| expect(instance.invoke(path, 1, 5)).to eq(4) }
      expect(interface.invoke("get_distance", 1, 5)).to eq(4)
    end

    it "takes arguments by name, and options" do
      expect(instance.invoke("get-distance", from_x: 1, to_x: 5)).to eq(4)
      expect(instance.invoke("get-distance", 1, to_x: 5, timeout: 5, gvl: :release)).to eq(4)
      expect { instance.invoke("forever", timeout: 0.05) }.to raise_error(Wasmtime::TimeoutError)
    end

    it "says which function is not there, and which is close" do
      expect { instance.invoke("get-distanc", 1, 2) }.to error_with('function "get-distanc" not found, did you mean "get_distance"?')
      expect { instance.invoke(:nope) }.to error_with("function :nope not found")
      expect { instance.invoke("outer") }.to error_with('function "outer" not found')
      expect { instance.invoke(["test:guest/shapes", "nothing"]) }.to error_with('function ["test:guest/shapes", "nothing"] not found')
      expect { instance.invoke(nil) }.to raise_error(TypeError, /\Ainvalid argument for component index/)
    end
  end

  it "needs the store, except for what is known already" do
    functions = instance.functions
    functions.nothing
    instance.store.close
    %i[get_func get_export_index get_resource invoke []].each do |name|
      expect { instance.public_send(name, "wait") }.to error_with("Wasmtime::Store is closed", Wasmtime::StoreClosedError)
    end
    expect { functions.nothing }.to error_with("Wasmtime::Store is closed", Wasmtime::StoreClosedError)
    expect([functions.__names__.size, instance.exports.size, instance["nope"]]).to eq([5, 10, nil])
  end
end
