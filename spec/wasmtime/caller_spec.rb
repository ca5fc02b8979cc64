# frozen_string_literal: true

RSpec.describe Wasmtime::Caller do
  let(:engine) { Wasmtime::Engine.default }
  let(:data) { Object.new }
  let(:store) { Wasmtime::Store.new(engine, data) }
  let(:wat) do
    <<~WAT
      (module (import "" "f" (func $f)) (memory (export "memory") 1) (data (i32.const 0) "hello")
        (func (export "run") call $f) (func (export "seven") (result i32) i32.const 7))
    WAT
  end

  # Runs the block as a host function that a guest calls; what it returns.
  def inside(&block)
    result = nil
    host = Wasmtime::Func.new(store, [], []) { |caller| result = block.call(caller) }
    Wasmtime::Instance.new(store, Wasmtime::Module.new(engine, wat), [host]).invoke("run")
    result
  end

  it "gives the exports of the instance that calls" do
    expect(inside { |caller| caller.export("memory").read(0, 5) }).to eq("hello")
    expect(inside { |caller| caller["memory"].read(0, 5) }).to eq("hello")
    expect(inside { |caller| caller.export(:seven).call }).to eq(7)
    expect(inside { |caller| caller.export("nope") }).to be_nil
  end

  it "refuses what is no name" do
    expect { inside { |caller| caller.export(nil) } }.to raise_error(TypeError, "no implicit conversion of nil into String")
    expect { inside { |caller| caller[1] } }.to raise_error(TypeError, "no implicit conversion of Integer into String")
  end

  it "has no exports when Ruby calls the function" do
    result = 1
    Wasmtime::Func.new(store, [], []) { |caller| result = caller.export("memory") }.call
    expect(result).to be_nil
  end

  it "knows the store and its data" do
    expect(inside(&:store)).to equal(store)
    expect(inside(&:store_data)).to equal(data)
  end

  it "sees data that was set meanwhile" do
    other = Object.new
    expect(inside { |caller| (store.data = other) && caller.store_data }).to equal(other)
  end

  it "reads and sets fuel" do
    engine = Wasmtime::Engine.new(consume_fuel: true)
    store = Wasmtime::Store.new(engine)
    store.set_fuel(100)
    seen = nil
    Wasmtime::Func.new(store, [], []) { |caller| seen = [caller.get_fuel, caller.set_fuel(42), caller.get_fuel] }.call
    expect(seen).to match([a_value <= 100, nil, 42])
    expect(store.get_fuel).to be <= 42
    expect { Wasmtime::Func.new(store, [], []) { |caller| caller.set_fuel(-1) }.call }.to raise_error(RangeError, "fuel is negative: -1")
  end

  it "has no fuel in an engine without it" do
    expect { inside(&:get_fuel) }.to raise_error(an_instance_of(Wasmtime::Error), "fuel is not configured in this store")
    expect { inside { |caller| caller.set_fuel(1) } }.to raise_error(an_instance_of(Wasmtime::Error), "fuel is not configured in this store")
  end

  describe "after the block" do
    calls = { export: ["memory"], :[] => ["memory"], store: [], store_data: [], get_fuel: [], set_fuel: [1] }
    calls.each do |name, args|
      it "raises for #{name}" do
        caller = inside(&:itself)
        expect { caller.public_send(name, *args) }
          .to raise_error(an_instance_of(Wasmtime::Error).and(have_attributes(message: "Caller outlived its Func execution")))
      end
    end

    it "is not valid any more" do
      expect(inside(&:valid?)).to be(true)
      expect(inside(&:itself)).not_to be_valid
    end

    it "is not valid after an exception, and not during a later call" do
      kept = nil
      expect { inside { |caller| (kept = caller) && raise(IOError) } }.to raise_error(IOError)
      expect(kept).not_to be_valid
      expect(inside { |caller| [kept.valid?, caller.valid?] }).to eq([false, true])
      expect { inside { kept.store } }.to raise_error(Wasmtime::Error, "Caller outlived its Func execution")
    end

    it "leaves objects that stay usable: they belong to the store" do
      memory = inside { |caller| caller.export("memory") }
      expect(memory.read(0, 5)).to eq("hello")
    end
  end

  it "is valid in a nested call, and so is the outer one" do
    expect(inside { |outer| inside { |inner| [outer.valid?, inner.valid?, outer.export("memory").size] } }).to eq([true, true, 1])
  end

  it "is a keyword for callables given as imports" do
    mod = Wasmtime::Module.new(engine, '(module (import "env" "f" (func $f (param i32))) (memory (export "memory") 3) ' \
                                       '(func (export "run") i32.const 5 call $f))')
    seen = nil
    with = ->(n, caller:) { seen = [n, caller.export("memory").size] }
    Wasmtime::Instance.new(store, mod, { "env" => { f: with } }).invoke("run")
    expect(seen).to eq([5, 3])
    Wasmtime::Instance.new(store, mod, { "env" => { f: ->(*args) { seen = args } } }).invoke("run")
    expect(seen).to eq([5])
    Wasmtime::Instance.new(store, mod, { "env" => { f: ->(n, caller: nil) { seen = [n, caller.class] } } }).invoke("run")
    expect(seen).to eq([5, described_class])
  end

  it "is made by calls only" do
    expect { described_class.new }.to raise_error(TypeError)
    expect { described_class.allocate }.to raise_error(TypeError)
  end
end
