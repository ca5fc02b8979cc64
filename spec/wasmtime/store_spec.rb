# frozen_string_literal: true

require "timeout"

RSpec.describe Wasmtime::Store do
  let(:engine) { Wasmtime::Engine.default }
  let(:fuel_engine) { Wasmtime::Engine.new(consume_fuel: true) }
  let(:epoch_engine) { Wasmtime::Engine.new(epoch_interruption: true) }
  let(:store) { described_class.new(engine) }
  let(:looping) { '(module (func (export "loop") (loop $l br $l)) (func (export "ok") (result i32) i32.const 1))' }
  let(:growing) do
    <<~WAT
      (module (memory (export "m") 1) (table (export "t") 1 funcref)
        (func (export "grow") (param i32) (result i32) local.get 0 memory.grow)
        (func (export "grow_table") (param i32) (result i32) ref.null func local.get 0 table.grow 0))
    WAT
  end

  def instance(store, wat, engine = self.engine)
    Wasmtime::Instance.new(store, Wasmtime::Module.new(engine, wat))
  end

  # Runs the block while another thread is inside a host block of the store.
  def while_busy(store)
    inside = Queue.new
    done = Queue.new
    func = Wasmtime::Func.new(store, [], []) { (inside << true) && done.pop }
    thread = Thread.new { func.call }
    inside.pop
    yield
  ensure
    done << true
    thread.join
  end

  describe ".new" do
    it "uses the default engine when none is given" do
      mod = Wasmtime::Module.new(Wasmtime::Engine.default, looping)
      expect(Wasmtime::Instance.new(described_class.new, mod).invoke("ok")).to eq(1)
    end

    it "keeps any object as data" do
      data = Object.new
      expect(described_class.new(engine, data).data).to equal(data)
      expect(described_class.new(engine).data).to be_nil
      basic = BasicObject.new
      expect(described_class.new(engine, basic).data.__id__).to eq(basic.__id__)
    end

    it "refuses what is no engine" do
      expect { described_class.new(nil) }.to raise_error(TypeError, "no implicit conversion of NilClass into Wasmtime::Engine")
      expect { described_class.new("engine") }.to raise_error(TypeError, "no implicit conversion of String into Wasmtime::Engine")
    end

    it "takes nil for limits, and for each of them" do
      expect(described_class.new(engine, limits: nil)).to be_a(described_class)
      names = %i[memory_size table_elements instances tables memories]
      expect(described_class::LIMITS).to eq(names)
      store = described_class.new(engine, limits: names.to_h { |name| [name, nil] })
      expect(Wasmtime::Memory.new(store, min_size: 1).size).to eq(1)
    end

    it "refuses unknown limits, and says which one is near" do
      known = "(known: memory_size, table_elements, instances, tables, memories)"
      expect { described_class.new(engine, limits: { nope: 1 }) }.to raise_error(ArgumentError, "unknown limit: :nope #{known}")
      expect { described_class.new(engine, limits: { memorysize: 1 }) }
        .to raise_error(ArgumentError, "unknown limit: :memorysize, did you mean :memory_size? #{known}")
      expect { described_class.new(engine, limits: { "memories" => 1 }) }.to raise_error(ArgumentError, /\Aunknown limit: "memories"/)
      expect { described_class.new(engine, nope: nil) }.to raise_error(ArgumentError, "unknown keyword: :nope")
    end

    it "refuses limits that are no numbers" do
      expect { described_class.new(engine, limits: { memory_size: "1" }) }
        .to raise_error(TypeError, "memory_size: no implicit conversion of String into Integer")
      expect { described_class.new(engine, limits: { memory_size: -1 }) }.to raise_error(RangeError, "memory_size is negative: -1")
      expect { described_class.new(engine, limits: { tables: 2**64 }) }.to raise_error(RangeError, "tables is too big: 18446744073709551616")
      expect { described_class.new(engine, limits: 3) }.to raise_error(TypeError, "limits: expected a Hash, got Integer")
      expect { described_class.new(engine, limits: false) }.to raise_error(TypeError, "limits: expected a Hash, got FalseClass")
    end

    it "takes what converts to a Hash of limits" do
      limits = Class.new { def to_hash = { memory_size: 65_536 } }.new
      expect { Wasmtime::Memory.new(described_class.new(engine, limits: limits), min_size: 2) }.to raise_error(Wasmtime::Error)
    end

    it "makes objects that cannot be copied" do
      expect { store.dup }.to raise_error(TypeError)
      expect { described_class.allocate }.to raise_error(TypeError)
    end
  end

  describe ".open" do
    it "gives the store to the block, returns what that returns, and closes the store" do
      kept = nil
      result = described_class.open(engine, :data) do |store|
        kept = store
        expect(store).not_to be_closed
        store.data
      end
      expect(result).to eq(:data)
      expect(kept).to be_closed
    end

    it "closes the store when the block raises, throws or breaks" do
      stores = []
      expect { described_class.open { |store| (stores << store) && raise(IOError, "x") } }.to raise_error(IOError, "x")
      expect(catch(:done) { described_class.open { |store| (stores << store) && throw(:done, 1) } }).to eq(1)
      expect(described_class.open { |store| (stores << store) && (break 2) }).to eq(2)
      expect(stores.size).to eq(3)
      expect(stores).to all(be_closed)
    end

    it "does not mind a store the block has closed" do
      expect(described_class.open { |store| store.close && 3 }).to eq(3)
    end

    it "takes limits, and needs a block" do
      described_class.open(engine, limits: { memory_size: 1 }) do |store|
        expect { Wasmtime::Memory.new(store, min_size: 1) }.to raise_error(Wasmtime::Error)
      end
      expect { described_class.open(engine) }.to raise_error(ArgumentError, "no block given")
      expect { described_class.open(engine, limits: { x: 1 }) { 1 } }.to raise_error(ArgumentError, /unknown limit: :x/)
    end
  end

  describe "#data=" do
    it "replaces the data" do
      data = Object.new
      store.data = data
      expect(store.data).to equal(data)
      store.data = nil
      expect(store.data).to be_nil
    end
  end

  describe "#close" do
    it "is true, and false the second time" do
      expect(store).not_to be_closed
      expect(store.close).to be(true)
      expect(store).to be_closed
      expect(store.close).to be(false)
    end

    it "is refused while a host block runs in the store" do
      result = nil
      Wasmtime::Func.new(store, [], []) { result = store.close }.call
    rescue Wasmtime::StoreBusyError => e
      expect(e.message).to eq("the store is busy: it cannot be closed by a host block it is running")
      expect(result).to be_nil
      expect(store.close).to be(true)
    else
      raise "nothing raised"
    end

    it "is refused while a memory view is open" do
      memory = Wasmtime::Memory.new(store, min_size: 1)
      expect { memory.view { store.close } }
        .to raise_error(Wasmtime::StoreBusyError, "the store is busy: a memory view is open; close the store after its block has ended")
      expect(store.close).to be(true)
    end

    it "is refused while another thread is inside" do
      while_busy(store) do
        expect { store.close }.to raise_error(
          Wasmtime::StoreBusyError, "the store is busy: another thread or fiber is running wasm in it; give each thread its own Store"
        )
      end
      expect(store.close).to be(true)
    end
  end

  describe "a closed store" do
    let(:store) { described_class.new(fuel_engine).tap(&:close) }

    calls = {
      data: [], :data= => [1], gc: [], get_fuel: [], set_fuel: [1], linear_memory_limit_hit?: [], max_linear_memory_consumed: []
    }
    calls.each do |name, args|
      it "raises for #{name}" do
        expect { store.public_send(name, *args) }
          .to raise_error(an_instance_of(Wasmtime::StoreClosedError).and(have_attributes(message: "Wasmtime::Store is closed")))
      end
    end

    it "raises for set_limits and set_epoch_deadline" do
      expect { store.set_limits(memory_size: 1) }.to raise_error(Wasmtime::StoreClosedError)
      expect { described_class.new(epoch_engine).tap(&:close).set_epoch_deadline(1) }.to raise_error(Wasmtime::StoreClosedError)
    end

    it "still says what it is" do
      expect(store.inspect).to eq("#<Wasmtime::Store closed>")
    end

    it "makes nothing new" do
      closed = described_class.new(engine).tap(&:close)
      expect { Wasmtime::Func.new(closed, [], []) {} }.to raise_error(Wasmtime::StoreClosedError)
      expect { Wasmtime::Memory.new(closed, min_size: 1) }.to raise_error(Wasmtime::StoreClosedError)
      expect { Wasmtime::Table.new(closed, :funcref, nil, min_size: 1) }.to raise_error(Wasmtime::StoreClosedError)
      expect { Wasmtime::Global.var(closed, :i32, 1) }.to raise_error(Wasmtime::StoreClosedError)
      expect { Wasmtime::Instance.new(closed, Wasmtime::Module.new(engine, looping)) }.to raise_error(Wasmtime::StoreClosedError)
      expect { Wasmtime::Linker.new(engine).instantiate(closed, Wasmtime::Module.new(engine, looping)) }.to raise_error(Wasmtime::StoreClosedError)
    end
  end

  describe "fuel" do
    it "can be read and set" do
      store = described_class.new(fuel_engine)
      expect(store.get_fuel).to eq(0)
      expect(store.set_fuel(100)).to be_nil
      expect(store.get_fuel).to eq(100)
      store.set_fuel((2**64) - 1)
      expect(store.get_fuel).to eq((2**64) - 1)
    end

    it "is consumed by the guest, which stops when none is left" do
      store = described_class.new(fuel_engine)
      guest = instance(store, looping, fuel_engine)
      store.set_fuel(1000)
      guest.invoke("ok")
      expect(store.get_fuel).to be_between(1, 999)
      expect { guest.invoke("loop") }.to raise_error(
        an_instance_of(Wasmtime::OutOfFuelError).and(have_attributes(code: :out_of_fuel, message: "wasm trap: all fuel consumed by WebAssembly"))
      )
      expect(store.get_fuel).to eq(0)
    end

    it "refuses what is no amount" do
      store = described_class.new(fuel_engine)
      expect { store.set_fuel(-1) }.to raise_error(RangeError, "fuel is negative: -1")
      expect { store.set_fuel(2**64) }.to raise_error(RangeError, "fuel is too big: 18446744073709551616")
      expect { store.set_fuel(nil) }.to raise_error(TypeError, "no implicit conversion of nil into Integer")
      expect { store.set_fuel("1") }.to raise_error(TypeError, "no implicit conversion of String into Integer")
    end

    it "needs an engine that counts it" do
      expect { store.get_fuel }.to raise_error(an_instance_of(Wasmtime::Error), "fuel is not configured in this store")
      expect { store.set_fuel(1) }.to raise_error(an_instance_of(Wasmtime::Error), "fuel is not configured in this store")
    end
  end

  describe "#on_epoch_deadline" do
    let(:store) { described_class.new(epoch_engine).tap { |store| store.set_epoch_deadline(1) } }
    let(:guest) { instance(store, looping, epoch_engine) }

    before { epoch_engine.start_epoch_interval(5) }

    %i[hold release].each do |gvl|
      it "asks the block, with the store, until it answers :trap (gvl: :#{gvl})" do
        asked = []
        expect(store.on_epoch_deadline { |given| (asked << given).size < 3 ? 1 : :trap }).to be_nil
        expect { guest.invoke("loop", gvl: gvl) }.to raise_error(Wasmtime::Trap) { |error| expect(error.code).to eq(:interrupt) }
        expect(asked).to match([be(store)] * 3)
      end
    end

    it "gives the guest as many ticks as the block says" do
      epoch_engine.stop_epoch_interval
      store.on_epoch_deadline { |given| given.data.shift || :trap }
      store.data = [2]
      time = Thread.new { loop { sleep(0.02) && epoch_engine.increment_epoch } }
      expect { guest.invoke("loop") }.to raise_error(Wasmtime::Trap)
      expect(store.data).to eq([])
    ensure
      time.kill
    end

    it "lets an exception of the block leave the call, and the store be used afterwards" do
      error = RuntimeError.new("enough")
      store.on_epoch_deadline { raise error }
      expect { guest.invoke("loop") }.to raise_error(be(error))
      store.on_epoch_deadline { 1_000_000 }
      expect(guest.invoke("ok")).to eq(1)
    end

    it "lets a throw out of the block" do
      store.on_epoch_deadline { throw :out, :thrown }
      expect(catch(:out) { guest.invoke("loop") }).to eq(:thrown)
    end

    it "says what the block may answer" do
      guest
      { 0 => [ArgumentError, /at least 1 tick, or :trap/], nil => [TypeError, /\Aon_epoch_deadline: .*\(expected a number of ticks, or :trap\)/],
        -1 => [RangeError, /negative/], :stop => [TypeError, /Symbol/] }.each do |answer, (error, message)|
        store.on_epoch_deadline { answer }
        store.set_epoch_deadline(1)
        expect { guest.invoke("loop") }.to raise_error(error, message)
      end
    end

    it "does not let the block call into the store" do
      store.on_epoch_deadline { guest.invoke("ok") }
      expect { guest.invoke("loop") }.to raise_error(Wasmtime::StoreBusyError, /its wasm is being interrupted/)
    end

    it "needs a block, and an engine with epochs" do
      expect { store.on_epoch_deadline }.to raise_error(ArgumentError, "no block given")
      expect { described_class.new.on_epoch_deadline { 1 } }.to raise_error(Wasmtime::Error, /\Aepochs are off/)
      store.close
      expect { store.on_epoch_deadline { 1 } }.to raise_error(Wasmtime::StoreClosedError)
    end
  end

  describe "#set_epoch_deadline" do
    let(:store) { described_class.new(epoch_engine) }

    it "interrupts the guest when the epoch has advanced that far" do
      guest = instance(store, looping, epoch_engine)
      expect(store.set_epoch_deadline(2)).to be_nil
      epoch_engine.increment_epoch
      expect(guest.invoke("ok")).to eq(1)
      epoch_engine.increment_epoch
      expect { guest.invoke("loop") }
        .to raise_error(an_instance_of(Wasmtime::Trap).and(have_attributes(code: :interrupt, message: "wasm trap: interrupt")))
    end

    it "is 0 at first: the first call is interrupted" do
      guest = instance(store, looping, epoch_engine)
      expect { guest.invoke("ok") }.to raise_error(Wasmtime::Trap) { |e| expect(e.code).to eq(:interrupt) }
    end

    it "interrupts a running guest by the clock" do
      guest = instance(store, looping, epoch_engine)
      store.set_epoch_deadline(3)
      epoch_engine.start_epoch_interval(10)
      Timeout.timeout(10) { expect { guest.invoke("loop") }.to raise_error(Wasmtime::Trap) { |e| expect(e.code).to eq(:interrupt) } }
    ensure
      epoch_engine.stop_epoch_interval
    end

    it "can be set again after an interrupt" do
      guest = instance(store, looping, epoch_engine)
      expect { guest.invoke("ok") }.to raise_error(Wasmtime::Trap)
      store.set_epoch_deadline(1)
      expect(guest.invoke("ok")).to eq(1)
    end

    it "takes any number of ticks" do
      store.set_epoch_deadline((2**64) - 1)
      epoch_engine.increment_epoch
      expect(instance(store, looping, epoch_engine).invoke("ok")).to eq(1)
    end

    it "refuses what is no number of ticks" do
      expect { store.set_epoch_deadline(-1) }.to raise_error(RangeError, "ticks is negative: -1")
      expect { store.set_epoch_deadline(nil) }.to raise_error(TypeError, "no implicit conversion of nil into Integer")
    end

    it "needs an engine with epochs" do
      expect { described_class.new(engine).set_epoch_deadline(1) }.to raise_error(
        an_instance_of(Wasmtime::Error), "epochs are off: create the engine with Wasmtime::Engine.new(epoch_interruption: true)"
      )
    end
  end

  describe "limits" do
    it "stop memories from growing" do
      store = described_class.new(engine, limits: { memory_size: 65_536 })
      guest = instance(store, growing)
      expect(store).not_to be_linear_memory_limit_hit
      expect(guest.invoke("grow", 1)).to eq(-1)
      expect(store).to be_linear_memory_limit_hit
      expect { guest.export("m").grow(1) }.to raise_error(an_instance_of(Wasmtime::Error), "failed to grow memory by `1`")
      expect(guest.export("m").size).to eq(1)
    end

    it "stop memories from being made" do
      store = described_class.new(engine, limits: { memory_size: 65_536 })
      expect { Wasmtime::Memory.new(store, min_size: 2) }
        .to raise_error(an_instance_of(Wasmtime::Error), "memory minimum size of 2 pages exceeds memory limits")
      expect { described_class.open(engine, limits: { memory_size: 10 }) { |small| instance(small, growing) } }
        .to raise_error(an_instance_of(Wasmtime::Error), "memory minimum size of 1 pages exceeds memory limits")
    end

    it "stop tables from growing and being made" do
      store = described_class.new(engine, limits: { table_elements: 3 })
      guest = instance(store, growing)
      expect(guest.invoke("grow_table", 2)).to eq(1)
      expect(guest.invoke("grow_table", 1)).to eq(-1)
      expect { guest.export("t").grow(1) }.to raise_error(an_instance_of(Wasmtime::Error), "failed to grow table by `1`")
      expect { Wasmtime::Table.new(store, :funcref, nil, min_size: 4) }
        .to raise_error(an_instance_of(Wasmtime::Error), "table minimum size of 4 elements exceeds table limits")
      expect(store).not_to be_linear_memory_limit_hit
    end

    it "count instances" do
      store = described_class.new(engine, limits: { instances: 1 })
      instance(store, growing)
      expect { instance(store, growing) }.to raise_error(an_instance_of(Wasmtime::Error), "resource limit exceeded: instance count too high at 2")
    end

    it "count memories" do
      store = described_class.new(engine, limits: { memories: 0 })
      expect { instance(store, growing) }.to raise_error(an_instance_of(Wasmtime::Error), "resource limit exceeded: memory count too high at 1")
    end

    it "count tables" do
      store = described_class.new(engine, limits: { tables: 0 })
      expect { instance(store, growing) }.to raise_error(an_instance_of(Wasmtime::Error), "resource limit exceeded: table count too high at 1")
    end

    it "can be changed and lifted; those not named stay" do
      store = described_class.new(engine, limits: { memory_size: 65_536, table_elements: 1 })
      expect(store.set_limits(memory_size: 2 * 65_536)).to be_nil
      guest = instance(store, growing)
      expect(guest.invoke("grow", 1)).to eq(1)
      expect(guest.invoke("grow_table", 1)).to eq(-1)
      store.set_limits(memory_size: nil)
      expect(guest.invoke("grow", 5)).to eq(2)
      expect(store.set_limits).to be_nil
    end

    it "refuse unknown names when they are changed" do
      expect { store.set_limits(memory: 1) }.to raise_error(ArgumentError, /\Aunknown limit: :memory, did you mean :memory_size\?/)
    end
  end

  describe "#max_linear_memory_consumed" do
    it "is the most a single memory had or asked for" do
      store = described_class.new(engine, limits: { memory_size: 3 * 65_536 })
      expect(store.max_linear_memory_consumed).to eq(0)
      guest = instance(store, growing)
      expect(store.max_linear_memory_consumed).to eq(65_536)
      Wasmtime::Memory.new(store, min_size: 2)
      expect(store.max_linear_memory_consumed).to eq(2 * 65_536)
      guest.invoke("grow", 9)
      expect(store.max_linear_memory_consumed).to eq(10 * 65_536)
    end
  end

  describe "#gc" do
    it "lets objects go that the guest let go of" do
      guest = instance(store, <<~WAT)
        (module (global $g (mut externref) (ref.null extern)) (func (export "set") (param externref) local.get 0 global.set $g))
      WAT
      kept = ObjectSpace::WeakMap.new
      20.times { guest.invoke("set", Object.new.tap { |object| kept[object] = true }) }
      guest.invoke("set", nil)
      expect(store.gc).to be_nil
      GC.start
      expect(kept.size).to be < 10
    end

    it "may be called in a host block" do
      expect { Wasmtime::Func.new(store, [], []) { store.gc }.call }.not_to raise_error
    end

    it "is refused while another thread is inside" do
      while_busy(store) { expect { store.gc }.to raise_error(an_instance_of(Wasmtime::StoreBusyError)) }
    end
  end

  it "says what it is" do
    expect(store.inspect).to eq("#<Wasmtime::Store>")
  end

  it "belongs to one thread at a time, and to any thread after another" do
    guest = instance(store, looping)
    expect(Thread.new { guest.invoke("ok") }.value).to eq(1)
    expect(guest.invoke("ok")).to eq(1)
    while_busy(store) do
      expect { guest.invoke("ok") }.to raise_error(an_instance_of(Wasmtime::StoreBusyError))
      expect(store.data).to be_nil
      expect(store).not_to be_closed
    end
    expect(guest.invoke("ok")).to eq(1)
  end
end
