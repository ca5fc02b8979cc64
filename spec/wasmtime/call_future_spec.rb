# frozen_string_literal: true

require "async"
require "timeout"

RSpec.describe Wasmtime::CallFuture do
  let(:engine) { Wasmtime::Engine.default }
  let(:store) { Wasmtime::Store.new(engine) }
  let(:linker) { Wasmtime::Linker.new(engine).tap { |made| made.func_new_async("env", "get", [:i32], [:i32]) { |caller, n| block.call(n, caller) } } }
  let(:instance) { linker.instantiate_async(store, mod).value }
  let(:block) { ->(n, _caller) { n * 2 } }
  let(:mod) { Wasmtime::Module.new(engine, wat) }
  let(:wat) do
    <<~WAT
      (module
        (import "env" "get" (func $get (param i32) (result i32)))
        (memory (export "memory") 1)
        (func (export "run") (param i32) (result i32) (i32.add (call $get (local.get 0)) (call $get (i32.const 100))))
        (func (export "spin") (param i32) (result i32)
          (loop $again (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (i32.const 7))
        (func (export "loop") (loop $again (br $again)))
        (func (export "pair") (param i64 externref) (result externref i64) (local.get 1) (local.get 0))
        (func (export "trap") unreachable))
    WAT
  end

  it "runs a call to its result" do
    future = instance.invoke_async("run", 5)
    expect(future.done?).to be(false)
    expect(future.inspect).to eq("#<Wasmtime::CallFuture under way>")
    expect(future.value).to eq(210)
    expect([future.value, future.poll, future.done?, future.wait]).to eq([210, true, true, future])
    expect(future.inspect).to eq("#<Wasmtime::CallFuture done>")
    expect(future.store).to equal(store)
  end

  it "takes and gives every kind of value" do
    object = Object.new
    result = instance.export("pair").call_async(-1, object).value
    expect(result).to eq([object, -1])
    expect(instance.invoke_async("loop", timeout: 0.01)).to be_a(described_class)
  end

  it "yields while the guest takes its time" do
    future = instance.invoke_async("spin", 200_000_000)
    steps = 1
    steps += 1 until future.poll
    expect(future.value).to eq(7)
    expect(steps).to be > 2
  end

  it "checks arguments when the call begins" do
    expect { instance.invoke_async("run") }.to raise_error(ArgumentError, "wrong number of arguments (given 0, expected 1)")
    expect { instance.invoke_async("run", "x") }.to raise_error(TypeError, /param at index 0/)
    expect { instance.invoke_async("nope") }.to raise_error(Wasmtime::Error, 'function "nope" not found')
    expect { instance.invoke_async("run", 1, timeout: 0) }.to raise_error(ArgumentError, /timeout/)
    expect(instance.invoke_async("run", 1).value).to eq(202)
  end

  describe "host blocks" do
    it "run on Ruby's stack, where they may do anything" do
      blocks = [->(n, _) { Fiber.new { Fiber.yield(n) }.resume }, ->(n, _) { GC.start || n }, ->(n, _) { sleep(0.001) && n },
                ->(n, _) { Thread.new { n }.value }]
      sums = blocks.map do |work|
        allow(block).to receive(:call) { |*args| work.call(*args) }
        instance.invoke_async("run", 1).value
      end
      expect(sums).to eq([101] * 4)
    end

    it "use the store and their Caller, but do not call into wasm" do
      seen = []
      allow(block).to receive(:call) do |n, caller|
        instance.export("memory").write(0, "abc")
        seen << caller.export("memory").to_memory.read(0, 3)
        expect { instance.invoke("spin", 1) }
          .to raise_error(Wasmtime::StoreBusyError, "the store is busy: a host block of an async call can use the store, but not call into wasm")
        expect { instance.invoke_async("spin", 1) }.to raise_error(Wasmtime::StoreBusyError)
        n
      end
      expect(instance.invoke_async("run", 1).value).to eq(101)
      expect(seen).to eq(%w[abc abc])
    end

    it "raise out of the call as the same object" do
      error = IOError.new("boom")
      allow(block).to receive(:call).and_raise(error)
      future = instance.invoke_async("run", 1)
      Thread.pass until future.poll
      2.times { expect { future.value }.to(raise_error { |raised| expect(raised).to equal(error) }) }
    end

    it "may throw to a catch around the poll" do
      allow(block).to receive(:call) { throw :out, 55 }
      future = instance.invoke_async("run", 1)
      expect(catch(:out) { future.value }).to eq(55)
      expect(future.done?).to be(true)
    end

    it "must give what their type says" do
      allow(block).to receive(:call).and_return("x")
      expect { instance.invoke_async("run", 1).value }.to raise_error(Wasmtime::ResultError, /invalid result at index 0/)
    end

    it "throw wasm exceptions that the guest catches" do
      catching = Wasmtime::Module.new(engine, <<~WAT)
        (module (import "env" "get" (func $get (param i32) (result i32))) (import "env" "oops" (tag $oops (param i32)))
          (func (export "run") (result i32)
            (block $caught (result i32) (try_table (result i32) (catch $oops $caught) (call $get (i32.const 1))))))
      WAT
      tag = Wasmtime::Tag.new(store, [:i32])
      linker.define(store, "env", "oops", tag)
      allow(block).to receive(:call) { raise tag.exception(42) }
      expect(linker.instantiate_async(store, catching).value.invoke_async("run").value).to eq(42)
    end

    it "that are no async ones end the call" do
      plain = Wasmtime::Linker.new(engine).tap { |made| made.func_new("env", "get", [:i32], [:i32]) { |_caller, n| n } }
      other = plain.instantiate(Wasmtime::Store.new(engine), mod)
      expect { other.invoke_async("run", 1).value }.to raise_error(
        Wasmtime::Error, "a host block was called in an async call, but is not an async one: define it with Linker#func_new_async"
      )
      expect(other.invoke("run", 1)).to eq(101)
    end
  end

  describe "ending early" do
    it "happens by a trap of the guest" do
      future = instance.invoke_async("trap")
      expect { future.value }.to raise_error(Wasmtime::Trap) { |trap|
        expect([trap.code, trap.frames.size]).to eq([:unreachable_code_reached, 1])
      }
      expect(instance.invoke_async("run", 1).value).to eq(202)
    end

    it "happens by a timeout, Store#interrupt and the users' epochs" do
      expect { instance.invoke_async("loop", timeout: 0.05).value }.to raise_error(Wasmtime::TimeoutError)
      future = instance.invoke_async("loop")
      future.poll
      store.interrupt
      expect { future.value }.to raise_error(Wasmtime::Trap) { |trap| expect(trap.code).to eq(:interrupt) }
      expect(instance.invoke_async("run", 1).value).to eq(202)
    end

    it "happens by cancelling" do
      future = instance.invoke_async("loop")
      future.poll
      expect([future.cancel, future.cancel, future.done?]).to eq([true, false, true])
      expect { future.value }.to raise_error(Wasmtime::StoreError, "the async call was cancelled, or its store was closed")
      expect(instance.invoke_async("run", 1).value).to eq(202)
    end

    it "happens when nobody holds the future any more" do
      Thread.new { instance.invoke_async("loop").poll && nil }.join
      100.times { Object.new }
      GC.start
      expect(instance.invoke_async("run", 1).value).to eq(202)
    end

    it "leaves a call that an interrupt came across to be polled on, or cancelled" do
      future = instance.invoke_async("loop")
      expect { Timeout.timeout(0.05) { future.value } }.to raise_error(Timeout::Error)
      expect(future.done?).to be(false)
      expect(future.cancel).to be(true)
    end
  end

  describe "a store with a call under way" do
    before { instance }

    it "is busy for everything else" do
      future = instance.invoke_async("loop")
      future.poll
      busy = "the store is busy: an async call is under way; wait for its CallFuture, or cancel it"
      [-> { instance.invoke_async("spin", 1) }, -> { instance.invoke("spin", 1) }, -> { store.gc }, -> { store.close },
       -> { instance.export("memory").read(0, 1) }, -> { linker.instantiate_async(store, mod) }].each do |use|
        expect(&use).to raise_error(Wasmtime::StoreBusyError, busy)
      end
      expect(future.cancel).to be(true)
      expect(store.close).to be(true)
    end

    it "is polled by one at a time" do
      future = nil
      allow(block).to receive(:call) { |n| Thread.new { expect { future.poll }.to raise_error(Wasmtime::StoreBusyError, /being polled/) }.join && n }
      future = instance.invoke_async("run", 1)
      expect(future.value).to eq(101)
    end

    it "takes no calls of the other kind once it has met async functions" do
      expect { instance.invoke("spin", 1) }.to raise_error(Wasmtime::StoreError, /takes async calls only: use call_async/)
      expect { linker.instantiate(store, mod) }.to raise_error(Wasmtime::StoreError, /takes async calls only/)
      expect { instance.invoke("spin", 1, timeout: 1) }.to raise_error(Wasmtime::StoreError, /takes async calls only/)
    end

    it "goes with its call when Ruby collects both" do
      before = Wasmtime._live_handles[:RawFuture]
      Thread.new { 20.times { linker.instantiate_async(Wasmtime::Store.new(engine), mod).value.invoke_async("loop").poll } }.join
      200.times { Object.new }
      GC.start
      expect(Wasmtime._live_handles[:RawFuture] - before).to be <= 2
    end
  end

  describe "instantiation" do
    let(:starting) {
      Wasmtime::Module.new(engine,
                           '(module (import "env" "get" (func $get (param i32) (result i32))) (start $s) (func $s (drop (call $get (i32.const 3)))))')
    }

    it "runs start functions, from a linker and from an InstancePre" do
      seen = []
      allow(block).to receive(:call) { |n| (seen << n) && n }
      pre = linker.instantiate_pre(starting)
      instances = [linker.instantiate_async(store, starting), pre.instantiate_async(Wasmtime::Store.new(engine))].map(&:value)
      expect(instances).to all(be_a(Wasmtime::Instance))
      expect(seen).to eq([3, 3])
    end

    it "says what is missing" do
      expect { Wasmtime::Linker.new(engine).instantiate_async(store, mod).value }.to raise_error(Wasmtime::Error, /unknown import: `env::get`/)
    end

    it "refuses stores that do not fit" do
      expect { linker.instantiate_async(Wasmtime::Store.new(Wasmtime::Engine.new), mod) }.to raise_error(Wasmtime::Error, /different engines/)
      expect { linker.instantiate_async(:store, mod) }.to raise_error(TypeError)
      wasi = Wasmtime::Store.new(engine, wasi_config: Wasmtime::WasiConfig.new)
      expect { linker.instantiate_async(wasi, mod) }.to raise_error(Wasmtime::Error, /not for stores with WASI/)
    end
  end

  it "yields by fuel" do
    metered = Wasmtime::Engine.new(consume_fuel: true)
    store = Wasmtime::Store.new(metered)
    store.set_fuel(10_000_000)
    store.fuel_async_yield_interval = 10_000
    guest = Wasmtime::Module.new(metered, wat.sub(/^.*import.*$/, "").sub(/^.*"run".*$/, ""))
    instance = Wasmtime::Linker.new(metered).instantiate_async(store, guest).value
    future = instance.invoke_async("spin", 100_000)
    steps = 1
    steps += 1 until future.poll
    expect([future.value, steps]).to match([7, be_between(40, 80)])
    expect { Wasmtime::Store.new(engine).fuel_async_yield_interval = 1 }.to raise_error(Wasmtime::Error, /fuel/)
  end

  it "yields by the users' epochs instead of ending, when asked to" do
    counted = Wasmtime::Engine.new(epoch_interruption: true)
    store = Wasmtime::Store.new(counted)
    store.epoch_deadline_async_yield_and_update(1)
    guest = Wasmtime::Module.new(counted, wat.sub(/^.*import.*$/, "").sub(/^.*"run".*$/, ""))
    instance = Wasmtime::Instance.new(store, guest)
    future = instance.invoke_async("spin", 200_000_000)
    counted.increment_epoch until future.poll
    expect(future.value).to eq(7)
    store.epoch_deadline_async_yield_and_update(nil)
    ended = instance.invoke_async("loop")
    ended.poll
    counted.increment_epoch
    expect { ended.value }.to raise_error(Wasmtime::Trap) { |trap| expect(trap.code).to eq(:interrupt) }
  end

  it "lets a Fiber scheduler run many guests on one thread" do
    inside = most = 0
    allow(block).to receive(:call) do |n|
      most = [most, inside += 1].max
      sleep 0.01
      (inside -= 1) && n
    end
    sums = Async do
      Array.new(50) { |index|
        Async {
          linker.instantiate_async(Wasmtime::Store.new(engine), mod).value.invoke_async("run", index).value
        }
      }.map(&:wait)
    end.wait
    expect(sums).to eq(Array.new(50) { |index| index + 100 })
    expect(most).to be > 5
  end
end
