# frozen_string_literal: true

RSpec.describe "Component::HostInterface" do
  def host(*implementations)
    Wasmtime::Component.const_get(:HostInterface).new(*implementations)
  end

  describe "of a Hash" do
    it "answers names of either kind, in either spelling" do
      [:log_all, "log_all", "log-all", :"log-all"].each do |key|
        expect(host({ key => ->(text) { text.upcase } }).function("log-all").call("x")).to eq("X")
      end
      expect(host({ get_url: -> { 1 } }).function("get-URL").call).to eq(1)
    end

    it "takes callables of any kind" do
      callable = Class.new { def call(number) = number + 1 }.new
      [->(n) { n + 1 }, proc { |n| n + 1 }, 1.method(:+), callable].each do |item|
        expect(host({ f: item }).function("f")).to be_a(Proc)
        expect(host({ f: item }).function("f").call(2)).to eq(3)
      end
    end

    it "has nothing for other names, and for what cannot be called" do
      interface = host({ f: 5, g: nil })
      expect(%w[f g h].map { |name| interface.function(name) }).to eq([nil, nil, nil])
      expect(%w[f g h].map { |name| interface.find(name) }).to eq([5, nil, nil])
    end

    it "takes what converts to a Hash" do
      given = Class.new { def to_hash = { "f" => -> { 1 } } }.new
      expect(host(given).function("f").call).to eq(1)
    end

    it "refuses keys that are no names" do
      expect { host({ 1 => -> {} }) }.to raise_error(TypeError, "no implicit conversion of Integer into String")
    end

    it "names what it has as WIT does" do
      expect(host({ log_all: -> {}, "f" => 5 }).names).to eq(%w[log-all f])
    end
  end

  describe "of an object" do
    let(:object) do
      Class.new do
        def log_all(text) = text.upcase

        def to_s = "its own"

        private

        def hidden = 1
      end.new
    end

    it "answers with its public methods" do
      expect(host(object).function("log-all").call("x")).to eq("X")
      expect(host(object).function("to-s").call).to eq("its own")
    end

    it "does not answer with what every object, module or class has" do
      %w[hidden puts class object-id instance-eval clone inspect].each { |name| expect(host(object).function(name)).to be_nil }
      expect(host(Module.new { def self.f = 1 }).function("f").call).to eq(1)
      expect(host(Module.new).function("name")).to be_nil
      expect(host(Class.new).function("new")).to be_nil
    end

    it "does not answer with what a library has mixed into every object" do
      require "json"
      [object, Class.new, Module.new].each { |one| expect(host(one).function("to-json")).to be_nil }
      expect(host(Class.new { def to_json(*) = "{}" }.new).function("to-json").call).to eq("{}")
    end

    it "answers with methods of its own, of its modules, and those it answers dynamically" do
      mixed = Object.new.extend(Module.new { def f = 1 })
      def mixed.g = 2
      expect(host(mixed).function("f").call).to eq(1)
      expect(host(mixed).function("g").call).to eq(2)
      dynamic = Class.new do
        def respond_to_missing?(name, _all) = name == :any_name

        def method_missing(name, *args) = name == :any_name ? args : super
      end.new
      expect(host(dynamic).function("any-name").call(1)).to eq([1])
    end

    it "names its methods as WIT does" do
      expect(host(object).names).to contain_exactly("log-all", "to-s")
    end
  end

  describe "with resources" do
    let(:blob) do
      Class.new do
        attr_reader :bytes

        def self.from_text(text) = new(text.bytes)

        def initialize(bytes)
          @bytes = bytes
        end

        def read_all(count) = bytes.first(count)
      end
    end

    let(:interface) { host({ blob: blob }) }

    it "answers their functions with a Class" do
      made = interface.function("[constructor]blob").call([1, 2])
      expect(made).to be_a(blob)
      expect(interface.function("[method]blob.read-all").call(made, 1)).to eq([1])
      expect(interface.function("[static]blob.from-text").call("A").bytes).to eq([65])
      expect(interface.resource("blob")).to equal(blob)
    end

    it "asks the object itself: a subclass may have its own method" do
      own = Class.new(blob) { def read_all(_count) = "own" }.new([])
      expect(interface.function("[method]blob.read-all").call(own, 1)).to eq("own")
    end

    it "has nothing for methods the Class does not have for itself" do
      ["[method]blob.hash", "[method]blob.lost", "[static]blob.name", "[static]blob.lost", "[method]other.read-all"].each do |name|
        expect(interface.function(name)).to be_nil
      end
      expect(interface.resource("other")).to be_nil
      expect(interface.function("blob")).to be_nil
    end

    it "prefers a callable under the whole name" do
      given = { "blob" => blob, "[method]blob.read-all" => ->(object, count) { [object, count] } }
      expect(host(given).function("[method]blob.read-all").call(1, 2)).to eq([1, 2])
    end

    it "is a resource of any object when there are only functions" do
      expect(host({ "[static]blob.make" => -> {} }).resource("blob")).to equal(Object)
      expect(host({ blob: 5, "[static]blob.make" => -> {} }).resource("blob")).to be_nil
    end

    it "knows what is called by its parameters, with the object first" do
      expect(interface.parameters("[constructor]blob")).to eq([%i[req bytes]])
      expect(interface.parameters("[method]blob.read-all")).to eq([%i[req self], %i[req count]])
      expect(interface.parameters("[static]blob.from-text")).to eq([%i[req text]])
      expect(interface.parameters("[static]blob.lost")).to be_nil
      expect(host({ f: proc { |a, b| [a, b] } }).parameters("f")).to eq([[:rest]])
    end

    it "names them as WIT does" do
      expect(interface.names).to contain_exactly("blob", "[constructor]blob", "[method]blob.bytes", "[method]blob.read-all", "[static]blob.from-text")
    end
  end

  it "may be given in parts, of which the last comes first" do
    interface = host({ f: -> { 1 }, g: -> { 1 } }, { f: -> { 2 } }, Class.new { def h = 3 }.new)
    expect(%w[f g h].map { |name| interface.function(name).call }).to eq([2, 1, 3])
    expect(interface.names).to contain_exactly("f", "g", "h")
  end

  it "answers interfaces within" do
    within = host({ outer: { "in-ner" => { f: -> { 1 } } } }).interface("outer").interface("in-ner")
    expect(within.function("f").call).to eq(1)
    expect(host({ outer: {} }).interface("inner")).to be_nil
  end

  it "is not public" do
    expect { Wasmtime::Component::HostInterface }.to raise_error(NameError)
  end
end
