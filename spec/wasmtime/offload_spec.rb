# frozen_string_literal: true

require "async"

# Console prints what tasks fail with; specs look at it themselves.
Console.logger.off!

RSpec.describe "stores with offload: true" do
  let(:calls) { [] }
  let(:mod) do
    Wasmtime::Module.new(<<~WAT)
      (module
        (import "env" "host" (func $host (param i32) (result i32)))
        (func (export "run") (param i32) (result i32) (i32.add (i32.const 1) (call $host (local.get 0))))
        (func (export "same") (param externref i64) (result i64 externref) (local.get 1) (local.get 0))
        (func (export "loop") (loop $again (br $again)))
        (func (export "trap") unreachable))
    WAT
  end

  def guest(offload: true, &host)
    store = Wasmtime::Store.new(offload: offload)
    Wasmtime::Instance.new(store, mod, { "env" => { host: host || ->(n) { n } } })
  end

  # The value of a block that runs in a task of a reactor.
  def reactor(&)
    value = nil
    Async { |task| value = yield(task) }.wait
    value
  end

  it "run calls of a scheduler's fibers at the same time, host blocks included" do
    inside = 0
    most = 0
    results = reactor do
      Array.new(100) do |index|
        Async do
          guest do |n|
            most = [most, inside += 1].max
            sleep 0.02
            (inside -= 1) && (n * 2)
          end.invoke("run", index)
        end
      end.map(&:wait)
    end
    expect(results).to eq(Array.new(100) { |index| (index * 2) + 1 })
    expect(most).to be > 20
  end

  it "let the reactor go on while a guest takes its time" do
    ticks = reactor do |task|
      count = 0
      ticker = task.async { |timer| loop { (count += 1) && timer.sleep(0.002) } }
      expect { guest.invoke("loop", timeout: 0.3) }.to raise_error(Wasmtime::TimeoutError)
      ticker.stop
      count
    end
    expect(ticks).to be > 20
  end

  it "give results and exceptions as other stores do" do
    object = Object.new
    error = RuntimeError.new("host")
    reactor do
      expect(guest.invoke("same", object, -5)).to match([-5, be(object)])
      expect(guest.export("run").call(41)).to eq(42)
      expect { guest { raise error }.invoke("run", 1) }.to raise_error(be(error))
      expect { guest.invoke("trap") }.to raise_error(Wasmtime::Trap) { |trap| expect(trap.code).to eq(:unreachable_code_reached) }
      expect { guest.invoke("run", "1") }.to raise_error(TypeError)
      expect { guest.invoke("run") }.to raise_error(ArgumentError)
    end
  end

  it "run start functions, by whatever road, on another thread too" do
    threads = []
    starting = Wasmtime::Module.new('(module (import "env" "host" (func $host)) (start $host))')
    linker = Wasmtime::Linker.new.tap { |made| made.func_new("env", "host", [], []) { threads << Thread.current } }
    store = Wasmtime::Store.new(offload: true)
    reactor do
      Wasmtime::Instance.new(store, starting, { "env" => { host: -> { threads << Thread.current } } })
      linker.instantiate(store, starting)
      linker.instantiate_pre(starting).instantiate(store)
    end
    expect(threads.size).to eq(3)
    expect(threads).not_to include(Thread.current)
  end

  it "let host blocks call the guest again" do
    reactor do
      nested = guest { |n| n.zero? ? 0 : nested.invoke("run", n - 1) }
      expect(nested.invoke("run", 20)).to eq(21)
    end
  end

  it "refuse two fibers at a time" do
    reactor do |task|
      busy = guest { |n| sleep(0.05) && n }
      first = task.async { busy.invoke("run", 1) }
      expect { busy.invoke("run", 2) }.to raise_error(Wasmtime::StoreBusyError)
      expect(first.wait).to eq(2)
      expect(busy.invoke("run", 2)).to eq(3)
    end
  end

  it "keep others away from a call's references on their way to the other thread and back" do
    store = Wasmtime::Store.new(offload: true)
    identity = Wasmtime::Instance.new(store, Wasmtime::Module.new(<<~WAT)).export("f")
      (module (table 1 externref) (func (export "f") (param externref externref) (result externref externref)
        (table.set (i32.const 0) (local.get 0)) (local.get 1) (table.get (i32.const 0))))
    WAT
    reactor do |task|
      collecting = task.async { |other| loop { other.sleep(0) && (store.gc rescue Wasmtime::StoreBusyError) } } # rubocop:disable Style/RescueModifier
      200.times do
        one = Object.new
        two = Object.new
        expect(identity.call(one, two)).to match([be(two), be(one)])
      end
      collecting.stop
    end
  end

  it "stop a guest whose task is stopped, and can be used afterwards" do
    reactor do |task|
      looping = guest
      stopped = task.async { looping.invoke("loop") }
      task.sleep(0.02)
      stopped.stop
      task.sleep(0.001) while begin
        looping.invoke("run", 1)
        false
      rescue Wasmtime::StoreBusyError
        true
      end
      expect(stopped).to be_stopped
    end
  end

  it "raise into a host block whose task is stopped" do
    reactor do |task|
      ended = Thread::Queue.new
      waiting = guest do |n|
        sleep 60
        n
      rescue StandardError => e
        ended << e.message
        raise
      end
      stopped = task.async { waiting.invoke("run", 1) }
      task.sleep(0.02)
      stopped.stop
      expect(ended.pop).to eq("the fiber that waited for this call was stopped")
    end
  end

  it "do not carry what belongs to a thread" do
    Thread.current[:local] = 1
    reactor do
      expect(guest { Thread.current[:local] || 7 }.invoke("run", 1)).to eq(8)
      expect(guest { Fiber.scheduler.nil? ? 1 : 2 }.invoke("run", 1)).to eq(2)
      thrown = proc { catch(:out) { guest { throw :out, 1 }.invoke("run", 1) } }
      expect(&thrown).to raise_error(UncaughtThrowError)
    end
  ensure
    Thread.current[:local] = nil
  end

  it "raise when somebody kills the thread" do
    reactor do
      expect { guest { Thread.current.kill }.invoke("run", 1) }.to raise_error(Wasmtime::StoreError, /the thread .* was killed/)
      expect(guest.invoke("run", 1)).to eq(2)
    end
  end

  it "run calls in place where no scheduler is" do
    threads = []
    guest { |n| (threads << Thread.current) && n }.invoke("run", 1)
    reactor { guest(offload: false) { |n| (threads << Thread.current) && n }.invoke("run", 1) }
    expect(threads).to match([be(Thread.current)] * 2)
  end

  it "are what a refusal asks for when calls are interleaved without them" do
    reactor do |task|
      first = task.async { guest(offload: false) { |n| sleep(0.02) && n }.invoke("run", 1) }
      expect { guest(offload: false).invoke("run", 1) }
        .to raise_error(Wasmtime::StoreError, /another fiber of this thread is suspended .*Wasmtime::Store\.new\(offload: true\)/)
      expect(first.wait).to eq(2)
    end
  end

  it "work under GC.stress, and in a forked child" do
    code = <<~'RUBY'
      require "async"
      mod = Wasmtime::Module.new('(module (import "" "f" (func $f (param externref) (result externref))) (func (export "run") (param externref) (result externref) (call $f (local.get 0))))')
      run = lambda do
        Async do
          Array.new(3) { |n| Async { Wasmtime::Instance.new(Wasmtime::Store.new(offload: true), mod, { "" => { f: ->(s) { sleep(0.001) && s + "!" } } }).invoke("run", "a#{n}") } }.map(&:wait)
        end.wait
      end
      GC.stress = true
      p run.call
      GC.stress = false
      $stdout.flush
      Process.wait(fork { p run.call })
      p $?.exitstatus
    RUBY
    expect(output_of(code)).to eq("[\"a0!\", \"a1!\", \"a2!\"]\n[\"a0!\", \"a1!\", \"a2!\"]\n0")
  end
end
