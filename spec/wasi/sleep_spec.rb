# frozen_string_literal: true

require "timeout"

RSpec.describe "WASI: sleeping" do
  # Seconds a block takes.
  def seconds
    start = Process.clock_gettime(Process::CLOCK_MONOTONIC)
    yield
    Process.clock_gettime(Process::CLOCK_MONOTONIC) - start
  end

  # A thread whose guest sleeps by now; how it ended is the thread's value.
  def sleeper(store, milliseconds: 20_000)
    thread = Thread.new do
      ending(store)
    rescue Exception => e # rubocop:disable Lint/RescueException
      e
    end
    sleep 0.05 until thread.stop? || milliseconds < 1000
    thread
  end

  def store(*argv, **options)
    Wasmtime::Store.new(wasi_config: wasi_config.set_argv(["probe", *argv]), **options)
  end

  let(:realtime) { 0 }
  let(:monotonic) { 1 }

  # Calls poll_oneoff with a list of subscriptions: the errno, the number of events and the events.
  let(:polling) do
    Wasmtime::Module.new(<<~WAT)
      (module
        (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "clock_time_get" (func $time (param i32 i64 i32) (result i32)))
        (memory (export "memory") 1)
        (func (export "poll") (param i32) (result i32) (call $poll (i32.const 0) (i32.const 4096) (local.get 0) (i32.const 8)))
        (func (export "now") (param i32) (result i64)
          (drop (call $time (local.get 0) (i64.const 1) (i32.const 16))) (i64.load (i32.const 16))))
    WAT
  end

  def clock(userdata, timeout, clock: 1, absolute: false)
    [userdata, 0, clock, timeout, 0, absolute ? 1 : 0].pack("Q<CxxxxxxxL<xxxxQ<Q<S<xxxxxx")
  end

  def readable(userdata, file)
    [userdata, 1, file].pack("Q<CxxxxxxxL<x28")
  end

  def poll(instance, *subscriptions)
    memory = instance.export("memory")
    memory.write(0, subscriptions.join)
    errno = instance.invoke("poll", subscriptions.size)
    return errno unless errno.zero?

    memory.read(4096, 32 * memory.read_u32(8)).scan(/.{32}/mn).map { |event| event.unpack("Q<S<C") }
  end

  def instance_of(mod, store = Wasmtime::Store.new(wasi_config: wasi_config))
    wasi_linker.instantiate(store, mod)
  end

  it "takes as long as the guest asks for" do
    run = nil
    expect(seconds { run = probe("sleep", "60") }).to be_between(0.06, 1)
    expect(run).to prints("slept\n")
  end

  { "held" => :hold, "released" => :release }.each do |how, gvl|
    describe "with the GVL #{how}" do
      it "lets other threads run" do
        thread = sleeper(store("sleep", "300", gvl: gvl), milliseconds: 300)
        count = 0
        (count += 1) && sleep(0.001) until thread.join(0)
        expect(count).to be > 50
        expect(thread.value).to eq(:returned)
      end

      it "ends with the call's timeout" do
        instance = wasi_linker.instantiate(store("sleep", "20000", gvl: gvl), guest("probe"))
        taken = seconds { expect { instance.invoke("_start", timeout: 0.05) }.to raise_error(Wasmtime::TimeoutError) }
        expect(taken).to be < 5
      end

      it "ends with Timeout, and the store works afterwards" do
        guest = instance_of(polling, Wasmtime::Store.new(wasi_config: wasi_config, gvl: gvl))
        expect { Timeout.timeout(0.05) { poll(guest, clock(1, 20_000_000_000)) } }.to raise_error(Timeout::Error)
        expect(poll(guest, clock(7, 1))).to eq([[7, 0, 0]])
      end

      it "ends with Store#interrupt" do
        sleeping = store("sleep", "20000", gvl: gvl)
        thread = sleeper(sleeping)
        expect(seconds { sleeping.interrupt && thread.join }).to be < 5
        expect(thread.value).to be_a(Wasmtime::Trap).and have_attributes(code: :interrupt)
      end

      it "ends with Thread#kill and Thread#raise" do
        error = Class.new(StandardError)
        raised, killed = Array.new(2) { sleeper(store("sleep", "20000", gvl: gvl)) }
        raised.raise(error)
        killed.kill
        expect(seconds { raised.join && killed.join }).to be < 5
        expect(raised.value).to be_a(error)
        expect(killed.value).to be_nil
      end
    end
  end

  it "ends with Ctrl-C, and goes on after a signal handler that returns" do
    code = <<~RUBY
      linker = Wasmtime::Linker.new.tap { |linker| Wasmtime::WASI::P1.add_to_linker_sync(linker) }
      sleeper = Wasmtime::Module.from_file(#{File.join(WasiGuests::FOLDER, 'probe.wasm').inspect})
      run = ->(time) { linker.instantiate(Wasmtime::Store.new(wasi_config: Wasmtime::WasiConfig.new.set_argv(["probe", "sleep", time]).inherit_stdout), sleeper).invoke("_start") }
      handled = 0
      previous = trap("USR1") { handled += 1 }
      Thread.new { sleep 0.05; Process.kill(:USR1, Process.pid); sleep 0.2; Process.kill(:INT, Process.pid) }
      run.call("150")
      begin
        run.call("20000")
      rescue Interrupt
        puts "interrupted, handled \#{handled}"
      end
    RUBY
    expect(output_of(code)).to eq("slept\ninterrupted, handled 1")
  end

  describe "poll_oneoff" do
    let(:poller) { instance_of(polling) }

    it "reports the clocks that are due, with their user data" do
      expect(poll(poller, clock(1, 20_000_000_000), clock(2, 5_000_000), clock(3, 1, clock: realtime))).to eq([[3, 0, 0]])
      expect(poll(poller, clock(4, 0), clock(2**63, 0))).to eq([[4, 0, 0], [2**63, 0, 0]])
    end

    it "knows times of the guest's own clocks" do
      [monotonic, realtime].each do |id|
        time = poller.invoke("now", id) + 40_000_000
        expect(seconds { expect(poll(poller, clock(1, time, clock: id, absolute: true))).to eq([[1, 0, 0]]) }).to be_between(0.02, 1)
        expect(poller.invoke("now", id)).to be >= time
        expect(seconds { poll(poller, clock(1, 1, clock: id, absolute: true)) }).to be < 0.5
      end
    end

    it "counts times from zero where the clocks stand still" do
      still = instance_of(polling, Wasmtime::Store.new(wasi_config: wasi_config.add_determinism))
      [monotonic, realtime].each do |id|
        expect(still.invoke("now", id)).to eq(0)
        expect(seconds { poll(still, clock(1, 30_000_000, clock: id, absolute: true)) }).to be_between(0.03, 1)
      end
    end

    it "begins the monotonic clock with the store" do
      expect(poller.invoke("now", monotonic)).to be_between(1, 10_000_000_000)
    end

    it "waits for streams as Wasmtime does" do
      fed = instance_of(polling, Wasmtime::Store.new(wasi_config: wasi_config.set_stdin_string("x")))
      3.times { expect(poll(fed, readable(5, 0), clock(6, 20_000_000_000))).to eq([[5, 0, 1]]) }
      expect(poll(fed, readable(5, 9))).to eq(8) # EBADF
    end

    it "gives streams and clocks that wait for each other their turn" do
      expect(probe("poll", "60000") { |config| config.set_stdin_string("x") }).to prints("stdin\n")
      silent, fed = Array.new(2) { IO.pipe }
      from = ->(pipe, time) { probe("poll", time) { |config| config.set_stdin_file("/proc/self/fd/#{pipe[0].fileno}") } }
      expect(from.call(silent, "30")).to prints("clock\n")
      writer = Thread.new { sleep(0.05) && fed[1].write("x") }
      expect(from.call(fed, "60000")).to prints("stdin\n")
    ensure
      writer&.join
      [*silent, *fed].each(&:close)
    end

    it "answers what is wrong with a list" do
      memory = poller.export("memory")
      memory.grow(1)
      expect(poller.invoke("poll", 0)).to eq(28) # EINVAL
      expect(poller.invoke("poll", 2**31)).to eq(48) # ENOMEM
      expect(poll(poller, clock(1, 1), clock(2, 1, clock: 2))).to eq(28)
      expect(poll(poller, [0, 7].pack("Q<Cx39"))).to eq(28)
    end

    it "counts the small instance that waits for streams among those of the store" do
      limited = instance_of(polling, Wasmtime::Store.new(wasi_config: wasi_config.set_stdin_string("x"), limits: { instances: 1 }))
      expect(poll(limited, clock(1, 1))).to eq([[1, 0, 0]])
      expect { poll(limited, readable(1, 0)) }.to raise_error(Wasmtime::Error, /instance/)
      expect(poll(limited, clock(2, 1))).to eq([[2, 0, 0]])
    end

    it "works in a child that was forked, and in one forked before" do
      code = <<~RUBY
        linker = Wasmtime::Linker.new.tap { |linker| Wasmtime::WASI::P1.add_to_linker_sync(linker) }
        probe = Wasmtime::Module.from_file(#{File.join(WasiGuests::FOLDER, 'probe.wasm').inspect})
        poll = lambda do
          config = Wasmtime::WasiConfig.new.set_argv(["probe", "poll", "60000"]).set_stdin_string("x").set_stdout_buffer(out = +"", 99)
          linker.instantiate(Wasmtime::Store.new(wasi_config: config), probe).invoke("_start")
          out
        end
        print poll.call if ARGV.empty?
        STDOUT.flush
        Process.wait(fork { print poll.call; Process.wait(fork { print poll.call }) })
        print $?.exitstatus
      RUBY
      expect(output_of(code, timeout: 10)).to eq("stdin\nstdin\nstdin\n0")
    end
  end
end
