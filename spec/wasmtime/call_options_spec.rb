# frozen_string_literal: true

RSpec.describe "the options of a call" do
  let(:store) { Wasmtime::Store.new }
  let(:calls) { [] }
  let(:instance) do
    wat = <<~WAT
      (module
        (import "env" "host" (func $host))
        (func (export "loop") (loop $again (br $again)))
        (func (export "host") (call $host))
        (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))
    WAT
    Wasmtime::Instance.new(store, Wasmtime::Module.new(wat), { "env" => { "host" => -> { host.call } } })
  end
  let(:host) { -> {} }

  def timed_out
    raise_error(Wasmtime::TimeoutError, "the call did not end within its timeout") { |error| expect(error.code).to eq(:interrupt) }
  end

  describe "timeout" do
    it "ends a guest that goes on and on, wherever it is called" do
      loop_forever = instance.export("loop")
      expect { loop_forever.call(timeout: 0.02) }.to timed_out
      expect { instance.invoke("loop", timeout: 0.02) }.to timed_out
      expect { instance.functions.loop(timeout: 0.02) }.to timed_out
      expect(loop_forever.store).to equal(store)
    end

    it "ends a start function" do
      mod = Wasmtime::Module.new("(module (func $loop (loop $again (br $again))) (start $loop))")
      linker = Wasmtime::Linker.new
      expect { linker.instantiate(store, mod, timeout: 0.02) }.to timed_out
      expect { linker.instantiate_pre(mod).instantiate(store, timeout: 0.02) }.to timed_out
      expect { Wasmtime::Instance.new(store, mod, timeout: 0.02) }.to timed_out
      expect { Wasmtime::Instance.new(store, mod, [], timeout: 0.02) }.to timed_out
    end

    it "stands beside imports that are written without braces" do
      mod = Wasmtime::Module.new('(module (import "env" "host" (func $host)) (func $loop call $host (loop $again br $again)) (start $loop))')
      expect { Wasmtime::Instance.new(store, mod, env: { host: -> { calls << 1 } }, timeout: 0.5) }.to timed_out
      expect { Wasmtime::Instance.new(store, mod, "env" => { host: -> { calls << 2 } }, timeout: 0.5) }.to timed_out
      expect(calls).to eq([1, 2])
    end

    it "tells the wasm frames" do
      expect { instance.invoke("loop", timeout: 0.02) }.to(raise_error { |error| expect(error.frames.map(&:func_index)).to eq([1]) })
    end

    it "is a Trap, and none of Timeout's" do
      require "timeout"
      expect(Wasmtime::TimeoutError.ancestors).to include(Wasmtime::Trap)
      expect(Wasmtime::TimeoutError.ancestors).not_to include(Timeout::Error)
    end

    it "leaves calls alone that end in time, and the next ones" do
      expect(instance.invoke("add", 1, 2, timeout: 10)).to eq(3)
      expect(instance.export("add").call(1, 2, timeout: Rational(1, 2))).to eq(3)
      expect { instance.invoke("loop", timeout: 0.02) }.to timed_out
      sleep 0.03
      expect(instance.invoke("add", 3, 4)).to eq(7)
      expect(instance.invoke("add", 3, 4, timeout: Float::INFINITY)).to eq(7)
      expect(instance.invoke("add", 3, 4, timeout: nil)).to eq(7)
    end

    context "with a host block that takes its time" do
      let(:host) { -> { sleep(0.05) && (calls << :returned) } }

      it "ends the call when the block returns" do
        expect { instance.invoke("host", timeout: 0.01) }.to timed_out
        expect(calls).to eq([:returned])
      end
    end

    context "with a host block that calls the guest" do
      let(:host) do
        lambda do
          instance.invoke("loop", timeout: 0.01)
        rescue Wasmtime::TimeoutError
          calls << :inner
        end
      end

      it "ends the inner call when its time is up, and the outer one goes on" do
        expect(instance.invoke("host", timeout: 10)).to be_nil
        expect(calls).to eq([:inner])
      end
    end

    context "with a host block that calls the guest without a timeout" do
      let(:host) { -> { instance.invoke("loop") } }

      it "ends the inner call for the outer one" do
        expect { instance.invoke("host", timeout: 0.02) }.to timed_out
      end
    end

    context "with a host block that gives the inner call more time than is left" do
      let(:host) do
        lambda do
          instance.invoke("loop", timeout: 60)
        rescue Wasmtime::TimeoutError
          calls << :inner
        end
      end

      it "ends both when the outer time is up" do
        expect { instance.invoke("host", timeout: 0.02) }.to timed_out
        expect(calls).to eq([:inner])
      end
    end

    it "must be a positive number", :untyped do
      [0, -1, -0.0, Float::NAN].each do |seconds|
        expect {
          instance.invoke("add", 1, 2, timeout: seconds)
        }.to raise_error(ArgumentError, "timeout: expected more than 0 seconds, got #{seconds}")
      end
      expect { instance.invoke("add", 1, 2, timeout: "1") }.to raise_error(TypeError, "timeout: expected a number of seconds, got String")
      expect { instance.invoke("add", 1, 2, timeout: Complex(1, 1)) }.to raise_error(RangeError)
    end

    it "is refused where guests cannot be interrupted, and by a closed store" do
      engine = Wasmtime::Engine.new(interruptible: false)
      func = Wasmtime::Instance.new(Wasmtime::Store.new(engine), Wasmtime::Module.new(engine, '(module (func (export "f")))')).export("f")
      expect { func.call(timeout: 1) }.to raise_error(Wasmtime::Error, /the engine's guests cannot be interrupted, so a call has no timeout/)
      add = instance.export("add")
      store.close
      expect { add.call(1, 2, timeout: 1) }.to raise_error(Wasmtime::StoreClosedError)
    end

    it "is kept by its call when threads race for one store" do
      looping = instance.export("loop")
      outcomes = Array.new(4) do
        Thread.new do
          Array.new(25) do
            looping.call(timeout: 0.002)
          rescue Wasmtime::TimeoutError, Wasmtime::StoreBusyError => e
            e.class.name
          end
        end
      end.flat_map(&:value)
      expect(outcomes.uniq - %w[Wasmtime::TimeoutError Wasmtime::StoreBusyError]).to eq([])
      expect(outcomes).to include("Wasmtime::TimeoutError")
      expect(instance.invoke("add", 1, 2)).to eq(3)
    end

    it "is the only one" do
      expect { instance.invoke("add", 1, 2, timeot: 1) }.to raise_error(ArgumentError, /\Aunknown keyword: :timeot/)
      empty = Wasmtime::Module.new("(module)")
      expect { Wasmtime::Instance.new(store, empty, [], timeot: 1) }.to raise_error(ArgumentError, /\Aunknown keyword: :timeot/)
      pre = Wasmtime::Linker.new.instantiate_pre(empty)
      expect { pre.instantiate(store, timeot: 1) }.to raise_error(ArgumentError, "unknown keyword: :timeot")
      expect { pre.instantiate }.to raise_error(ArgumentError, "wrong number of arguments (given 0, expected 1)")
      expect { pre.instantiate(1, timeout: 1) }.to raise_error(TypeError)
    end
  end

  describe "gvl" do
    # Ruby says that a thread sleeps while it is without the GVL, and that it runs while it waits for it.
    def released?
      thread = Thread.new do
        yield
      rescue Wasmtime::TimeoutError
        nil
      end
      slept = false
      slept ||= thread.status == "sleep" until thread.join(0.002)
      slept
    end

    it "tells whether a call, or an instantiation, runs without the GVL" do
      expect(released? { instance.invoke("loop", timeout: 0.1, gvl: :release) }).to be true
      expect(released? { instance.export("loop").call(timeout: 0.1, gvl: false) }).to be true
      expect(released? { instance.invoke("loop", timeout: 0.1, gvl: :hold) }).to be false
      starting = Wasmtime::Module.new("(module (func $loop (loop $again (br $again))) (start $loop))")
      expect(released? { Wasmtime::Instance.new(store, starting, timeout: 0.1, gvl: :release) }).to be true
    end

    it "is the store's when the call does not say" do
      guest = Wasmtime::Instance.new(Wasmtime::Store.new(gvl: :release), Wasmtime::Module.new('(module (func (export "loop") (loop $l br $l)))'))
      expect(released? { guest.invoke("loop", timeout: 0.1) }).to be true
      expect(released? { guest.invoke("loop", timeout: 0.1, gvl: :hold) }).to be false
      expect(released? { guest.invoke("loop", timeout: 0.1) }).to be true
    end

    it "is given up by default where a guest may wait for another thread" do
      engine = Wasmtime::Engine.new(shared_memory: true)
      mod = Wasmtime::Module.new(engine, '(module (func (export "loop") (loop $l br $l)))')
      by_default = Wasmtime::Instance.new(Wasmtime::Store.new(engine), mod)
      expect(released? { by_default.invoke("loop", timeout: 0.1) }).to be true
      holding = Wasmtime::Instance.new(Wasmtime::Store.new(engine, gvl: :hold), mod)
      expect(released? { holding.invoke("loop", timeout: 0.1) }).to be false
    end

    context "with a host block" do
      let(:host) { -> { calls << Array.new(10) { Object.new }.size } }

      it "gives the GVL back to the block" do
        50.times { instance.invoke("host", gvl: :release) }
        expect(calls).to eq([10] * 50)
        expect { instance.invoke("host", gvl: :release, timeout: 10) }.not_to raise_error
      end
    end

    it "is one of four words" do
      message = "gvl: expected :release, :hold or nil, got :free"
      expect { instance.invoke("add", 1, 2, gvl: :free) }.to raise_error(ArgumentError, message)
      expect { Wasmtime::Store.new(gvl: :free) }.to raise_error(ArgumentError, message)
      expect(instance.invoke("add", 1, 2, gvl: nil)).to eq(3)
    end
  end

  describe "Store#interrupt" do
    it "ends the call of another thread" do
      looping = instance.export("loop")
      raised = Thread.new { looping.call rescue $! } # rubocop:disable Style/RescueModifier
      # It is not remembered, so that one which comes before the call has begun does nothing.
      expect(store.interrupt).to be_nil until raised.join(0.05)
      expect(raised.value).to be_an_instance_of(Wasmtime::Trap).and have_attributes(code: :interrupt)
      expect(instance.invoke("add", 1, 2)).to eq(3)
    end

    it "does nothing to an idle store, and is not remembered" do
      store.interrupt
      instance
      expect(instance.invoke("add", 1, 2)).to eq(3)
      store.interrupt
      expect { instance.invoke("loop", timeout: 0.03) }.to timed_out
    end

    context "while a host block runs" do
      let(:host) { -> { store.interrupt.nil? && (calls << :returned) } }

      it "ends the call when the block returns" do
        expect { instance.invoke("host") }.to raise_error(Wasmtime::Trap) { |error| expect(error.code).to eq(:interrupt) }
        expect(calls).to eq([:returned])
      end
    end
  end
end
