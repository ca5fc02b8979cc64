# frozen_string_literal: true

require "digest"
require "timeout"

RSpec.describe Wasmtime::Plugin do
  Plugins::KINDS.each do |kind|
    describe "as a #{kind}" do
      let(:plugin) { load_plugin(kind) }

      it "calls functions with values" do
        expect(plugin.call(:add, 1, 2)).to eq(3)
        expect(plugin.call("add", -1, 1)).to eq(0)
        expect(plugin.call(:ask, 7)).to eq(7)
      end

      it "calls functions with bytes and with JSON" do
        expect(plugin.call_bytes(:echo, "zwölf")).to eq("zwölf".b).and(have_attributes(encoding: Encoding::BINARY))
        expect(plugin.call_bytes(:echo, "")).to eq("")
        expect(plugin.call_bytes("echo", "x" * 300_000).bytesize).to eq(300_000)
        object = { "a" => [1, 2.5, nil, true, "ü"], "b" => {} }
        expect(plugin.call_json(:echo, object)).to eq(object)
      end

      it "has a fresh instance for each call" do
        expect(Array.new(3) { plugin.call(:count) }).to eq([1, 1, 1])
      end

      it "keeps instances that are reused, which share what they remember, until a call does not end well" do
        plugin = load_plugin(kind, reuse: 1, note: ->(n) { n.zero? ? raise(IOError, "mine") : n }, limits: { timeout: 0.1 })
        count = -> { plugin.call(:count) }
        expect([count.call, count.call, plugin.call(:add, 1, 2), count.call]).to eq([1, 2, 3, 3])
        ["a trap", -> { plugin.call(:boom) }, "a timeout", -> { plugin.call(:spin) }, "a host block", -> { plugin.call(:ask, 0) },
         "wrong arguments", -> { plugin.call(:add) }].each_slice(2) do |what, call|
          count.call
          raise "#{what}: nothing raised" unless raised(&call)

          expect(count.call).to eq(1), what
        end
      end

      it "says what the guest did wrong, with the trap as cause and what the call took" do
        error = raised { plugin.call(:boom) }
        message = "plugin #{kind}: boom: wasm trap: wasm `unreachable` instruction executed"
        expect(error).to be_an_instance_of(described_class::GuestError)
          .and(have_attributes(message: message, plugin: kind.name, function: "boom"))
        expect(error.cause).to be_an_instance_of(Wasmtime::Trap).and(have_attributes(code: :unreachable_code_reached))
        expect(error.usage).to be_a(Wasmtime::Usage).and(be_frozen)
                                                    .and(have_attributes(wall: be_positive, fuel: nil, peak_memory: 65_536, host_calls: 0))
        expect(error).to match(an_object_satisfying { |e| e in { cause: Wasmtime::Trap, usage: { host_calls: 0 }, function: "boom" } })
      end

      it "ends a call that takes too long, and goes on" do
        plugin = load_plugin(kind, limits: { timeout: 0.05 })
        error = raised { plugin.call(:spin) }
        expect([error.class, error.cause.class]).to eq([described_class::GuestError, Wasmtime::TimeoutError])
        expect(error.usage.wall).to be >= 0.05
        expect(plugin.call(:add, 2, 3)).to eq(5)
      end

      it "ends a call that is out of fuel, which is counted anew for each call" do
        [{}, { reuse: 1 }].each do |options|
          plugin = load_plugin(kind, limits: { fuel: 1000 }, **options)
          error = raised { plugin.call(:spin) }
          expect([error.class, error.cause.class, error.usage.fuel]).to eq([described_class::GuestError, Wasmtime::OutOfFuelError, 1000])
          expect(Array.new(500) { plugin.call(:add, 2, 3) }.uniq).to eq([5])
        end
      end

      it "says when a guest failed because it was denied memory" do
        error = raised { plugin.call(:grow) }
        classes = [error, error.cause, error.cause.cause].map(&:class)
        expect(classes).to eq([described_class::GuestError, Wasmtime::MemoryLimitError, Wasmtime::Trap])
        expect(error.usage.peak_memory).to be > 5000 * 65_536
        expect(load_plugin(kind, limits: { memory_size: 512 << 20 }).call(:grow)).to be_nil
      end

      it "gives an exception of a host block on as it is" do
        mine = Class.new(StandardError).new("mine")
        plugin = load_plugin(kind, note: ->(_n) { raise mine })
        expect(raised { plugin.call(:ask, 1) }).to equal(mine)
        expect(mine.cause).to be_nil
        expect(catch(:out) { load_plugin(kind, note: ->(_n) { throw :out, 5 }).call(:ask, 1) }).to eq(5)
      end

      it "gives errors of this gem on as they are, when they come from a host block" do
        other = load_plugin(:module)
        instance = Wasmtime::Instance.new(Wasmtime::Store.new, Wasmtime::Module.new('(module (func (export "boom") unreachable))'))
        errors = [-> { other.call(:boom) }, -> { instance.invoke("boom") }, -> { raise Wasmtime::StoreError, "mine" },
                  -> { raise Wasmtime::WasiExit, 3 }, -> { Wasmtime::Module.new("(module (bad))") }]
        seen = nil
        plugin = load_plugin(kind, note: ->(n) { raise(seen = raised(&errors[n])) })
        errors.each_index { |n| expect(raised { plugin.call(:ask, n) }).to equal(seen), seen.class.name }
      end

      it "runs calls of many threads at the same time" do
        arrived = Queue.new
        go = Queue.new
        [{}, { reuse: 4 }].each do |options|
          plugin = load_plugin(kind, note: ->(n) { arrived.push(n) && go.pop }, **options)
          threads = Array.new(4) { |n| Thread.new { plugin.call(:ask, n) } }
          expect(Array.new(4) { arrived.pop }.sort).to eq([0, 1, 2, 3])
          4.times { |n| go.push(n * 10) }
          expect(threads.map(&:value).sort).to eq([0, 10, 20, 30])
        end
      end

      it "stops for Timeout and Thread#kill, and goes on" do
        plugin = load_plugin(kind, pool: 1, reuse: nil)
        expect { Timeout.timeout(0.05) { plugin.call(:spin) } }.to raise_error(Timeout::Error)
        begun = Queue.new
        waiting = load_plugin(kind, pool: 1, checkout_timeout: 60, note: ->(n) { begun.push(n) && n })
        thread = Thread.new { waiting.call(:ask, 1) && waiting.call(:spin) }
        begun.pop
        thread.kill.join
        expect([plugin, waiting].map { |one| one.call(:add, 1, 1) }).to eq([2, 2])
      end

      it "works in a forked process, also when instances were kept" do
        plugins = [load_plugin(kind), load_plugin(kind, reuse: 2)]
        plugins.each { |plugin| 2.times { plugin.call(:count) } }
        reader, writer = IO.pipe
        pid = fork do
          plugins.each do |plugin|
            writer.puts(plugin.call(:count), plugin.call(:count), plugin.call(:add, 20, 3), raised { plugin.call(:boom) }.cause.code)
          end
          exit!(true)
        end
        writer.close
        expect(reader.read.split).to eq(%w[1 1 23 unreachable_code_reached 1 2 23 unreachable_code_reached])
        expect(Process.wait2(pid).last).to be_success
        expect(plugins.map { |plugin| plugin.call(:count) }).to eq([1, 3])
      end

      it "is refused calls when it was closed, and running ones end as they would" do
        arrived = Queue.new
        go = Queue.new
        [{}, { reuse: 1 }].each do |options|
          plugin = load_plugin(kind, note: ->(n) { arrived.push(n) && go.pop }, **options)
          thread = Thread.new { plugin.call(:ask, 1) }
          arrived.pop
          expect([plugin.closed?, plugin.close, plugin.closed?, plugin.close]).to eq([false, true, true, false])
          expect { plugin.call(:add, 1, 2) }.to raise_error(described_class::ClosedError, "plugin #{kind} was closed")
          expect { plugin.call_json(:echo, 1) }.to raise_error(described_class::ClosedError)
          go.push(5)
          expect(thread.value).to eq(5)
          expect(plugin.inspect).to start_with("#<Wasmtime::Plugin #{kind} (closed): ")
        end
      end

      it "teaches about functions that do not exist" do
        error = raised { plugin.call(:ad) }
        expect(error).to be_an_instance_of(described_class::NotFound)
          .and(have_attributes(message: "plugin #{kind} exports no function \"ad\", did you mean \"add\"?", key: "ad"))
        expect { plugin.call_bytes("other", "") }.to raise_error(described_class::NotFound, "plugin #{kind} exports no function \"other\"")
        expect { plugin.call_json(:memory, {}) }.to raise_error(described_class::NotFound)
      end

      it "leaves mistakes in arguments to who made them" do
        expect { plugin.call(:add, 1) }.to raise_error(ArgumentError)
        expect { plugin.call(:add, 1, "2") }.to raise_error(TypeError)
        expect { plugin.call(:add, 1, 2**40) }.to raise_error(RangeError)
        expect { plugin.call_bytes(:echo, 5) }.to raise_error(TypeError, "no implicit conversion of Integer into String")
        expect { plugin.call_json(:echo, Float::NAN) }.to raise_error(JSON::GeneratorError)
      end

      it "refuses a function that does not follow the convention" do
        expect { plugin.call_bytes(:add, "x") }.to raise_error(described_class::Error, /\Acall_bytes (needs|does not know)/)
        expect { plugin.call_json(:boom, "x") }.to raise_error(described_class::Error, /\Acall_bytes (needs|does not know)/)
      end

      it "lists missing imports" do
        path = write("missing.wat", kind == :module ? Plugins::MODULE : Plugins::COMPONENT)
        expect { described_class.load(path, cache_dir: false) }.to raise_error(Wasmtime::LinkError, /missing import.*note/)
      end
    end
  end

  describe ".load" do
    let(:wat) { '(module (func (export "five") (result i32) i32.const 5))' }
    let(:path) { write("five.wat", wat) }

    def load(source = path, **options)
      described_class.load(source, cache_dir: false, **options)
    end

    it "takes a String or a Pathname, text or binary, and names the plugin after the file" do
      binary = write("six.wasm", Wasmtime.wat2wasm(wat))
      plugins = [load, load(Pathname.new(path)), load(binary)]
      expect(plugins.map { |plugin| [plugin.name, plugin.call(:five)] }).to eq([["five", 5], ["five", 5], ["six", 5]])
      expect(load(name: "mine").name).to eq("mine")
      expect(load).to have_attributes(manifest: nil, exports: ["five"], inspect: "#<Wasmtime::Plugin five: five>")
    end

    it "has safe defaults" do
      expect(load.limits.to_h).to eq(memory_size: 64 << 20, timeout: 5, fuel: nil, output: 1 << 20)
      expect(load.permissions).to have_attributes(dirs: {}, env: {}, stdio: [], denied: [])
    end

    it "compiles the bytes that it has checked, and refuses others" do
      digest = Digest::SHA256.file(path).hexdigest
      expect(load(sha256: digest).call(:five)).to eq(5)
      expect(load(sha256: digest.upcase).call(:five)).to eq(5)
      wrong = "0" * 64
      expect { load(sha256: wrong) }
        .to raise_error(described_class::PermissionError, "#{path} is not what was expected: its SHA-256 is #{digest}, and should be #{wrong}")
      expect { load(sha256: "abc") }.to raise_error(ArgumentError, 'sha256: expected 64 hexadecimal digits, got "abc"')
      expect { load(sha256: 5) }.to raise_error(TypeError, "no implicit conversion of Integer into String")
    end

    it "keeps the compiled code where it is told" do
      cache = File.join(folder, "cache")
      plugins = Array.new(2) { described_class.load(path, cache_dir: cache) }
      expect([plugins.map { |plugin| plugin.call(:five) }, Dir.children(cache).size]).to eq([[5, 5], 1])
    end

    it "raises what is wrong with the file" do
      expect { load(File.join(folder, "none.wasm")) }.to raise_error(Wasmtime::Error, /failed to read input file: .*none\.wasm/)
      expect { load(write("bad.wat", "(module (bad))")) }.to raise_error(Wasmtime::CompileError)
      expect { load(write("empty.wasm", "")) }.to raise_error(Wasmtime::Error, /is empty/)
      File.mkfifo(File.join(folder, "pipe"))
      expect { load(File.join(folder, "pipe")) }.to raise_error(Wasmtime::Error, /is no regular file/)
      expect { load(5) }.to raise_error(TypeError, "no implicit conversion of Integer into String")
    end

    it "refuses options that mean nothing" do
      { { reuse: 0 } => "reuse: expected how many, at least 1, got 0", { pool: -1 } => "pool: expected how many, at least 1, got -1",
        { colour: 1 } => "unknown keyword: :colour" }.each do |options, message|
        expect { load(**options) }.to raise_error(ArgumentError, message)
      end
      { { reuse: "2" } => 'reuse: expected how many, at least 1, got "2"', { pool: nil } => "pool: expected how many, at least 1, got nil",
        { checkout_timeout: "1" } => 'checkout_timeout: expected a number of seconds, got "1"', { logger: 5 } => /logger: expected a Logger, got 5/,
        { engine: 5 } => "engine: expected a Wasmtime::Engine, got Integer", { imports: 5 } => "imports: expected an Array or a Hash, got Integer",
        { manifest: "x.yml" } => /manifest: expected a Hash or a Wasmtime::Plugin::Manifest/,
        { name: 5 } => "no implicit conversion of Integer into String" }.each do |options, message|
        expect { load(**options) }.to raise_error(TypeError, message)
      end
    end

    it "refuses imports that belong to one store" do
      memory = Wasmtime::Memory.new(Wasmtime::Store.new, min_size: 1)
      path = write("memory.wat", '(module (import "host" "memory" (memory 1)))')
      message = "imports: host: memory is a Wasmtime::Memory, which belongs to one store: a plugin has many, so give it something callable"
      expect { load(path, imports: { "host" => { memory: memory } }) }.to raise_error(ArgumentError, message)
    end

    it "takes imports as an object with methods" do
      host = Class.new { def note(n) = n + 1 }.new
      expect(load(write("m.wat", Plugins::MODULE), imports: { "host" => host }).call(:ask, 4)).to eq(5)
    end

    it "takes an engine, if that can keep the limits" do
      engine = Wasmtime::Engine.new(consume_fuel: true, allocation_strategy: :pooling)
      plugin = load(engine: engine, limits: { fuel: 100 })
      expect(plugin.call(:five)).to eq(5)
      expect(load(engine: engine).call(:five)).to eq(5)
      expect { load(engine: Wasmtime::Engine.new, limits: { fuel: 1 }) }.to raise_error(ArgumentError, /limits: fuel needs an engine that counts it/)
      still = Wasmtime::Engine.new(interruptible: false)
      expect { load(engine: still) }.to raise_error(ArgumentError, /limits: timeout needs an engine whose guests can be interrupted/)
      expect(load(engine: still, limits: { timeout: nil }).call(:five)).to eq(5)
    end

    it "runs what is too large for the pool" do
      wat = '(module (memory 1) (memory 1) (table 2000000 funcref) (func (export "five") (result i32) i32.const 5))'
      expect(load(write("large.wat", wat), limits: { timeout: 30 }).then { |plugin| raised { plugin.call(:five) } })
        .to be_a(described_class::GuestError).and(have_attributes(message: /table/))
      expect(load(write("two.wat", wat.sub("2000000", "2"))).call(:five)).to eq(5)
    end

    it "is for the main Ractor" do
      expect(output_of(<<~RUBY)).to eq("Wasmtime::Plugin::Error: plugins are for the main Ractor: elsewhere use Store, Linker and Instance")
        Wasmtime::Plugin
        puts Ractor.new { Wasmtime::Plugin.load("x.wasm") rescue "\#{$!.class}: \#{$!.message}" }.take
      RUBY
    end
  end

  it "lets other threads run, unless it is told not to" do
    plugins = [{}, { gvl: :release }, { gvl: :hold }, { reuse: 1 }, { reuse: 1, gvl: :hold }].map do |options|
      load_plugin(:module, note: ->(_n, caller:) { caller.store.__send__(:_call_state)[1] ? 1 : 0 }, **options)
    end
    expect(plugins.map { |plugin| plugin.call(:ask, 1) }).to eq([1, 1, 0, 1, 0])
    expect { load_plugin(:module, gvl: :sometimes) }.to raise_error(ArgumentError, "gvl: expected :release, :hold or nil, got :sometimes")
  end

  describe "what a guest does at its beginning" do
    it "counts into the time of the call" do
      plugin = load_text('(module (func $f (loop (br 0))) (start $f) (func (export "f")))', limits: { timeout: 0.05 })
      expect(raised { plugin.call(:f) }).to be_a(described_class::GuestError).and(have_attributes(cause: an_instance_of(Wasmtime::TimeoutError)))
      plugin = load_text('(module (func (export "_initialize") (loop (br 0))) (func (export "f")))', limits: { timeout: 0.05 }, reuse: 1)
      expect(raised { plugin.call(:f) }).to be_a(described_class::GuestError).and(have_attributes(cause: an_instance_of(Wasmtime::TimeoutError)))
    end

    it "happens once in the life of an instance" do
      wat = <<~WAT
        (module (global $n (mut i32) (i32.const 0))
          (func (export "_initialize") (global.set $n (i32.add (global.get $n) (i32.const 1))))
          (func (export "n") (result i32) (global.get $n)))
      WAT
      expect([load_text(wat), load_text(wat, reuse: 1)].flat_map { |plugin| [plugin.call(:n), plugin.call(:n)] }).to eq([1, 1, 1, 1])
    end

    it "is the guest's fault when it wants more memory than it may have" do
      error = raised { load_text('(module (memory 2000) (func (export "f")))').call(:f) }
      expect([error.class, error.cause.class]).to eq([described_class::GuestError, Wasmtime::MemoryLimitError])
      error = raised { load_text("(module #{'(memory 1)' * 5} (func (export \"f\")))").call(:f) }
      expect(error).to be_a(described_class::GuestError).and(have_attributes(message: /memory count too high/))
    end

    it "may end it" do
      wat = '(module (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32))) (memory (export "memory") 1)
        (func (export "leave") (param i32) (call $exit (local.get 0))))'
      errors = [0, 3].map { |status| raised { load_text(wat).call(:leave, status) } }
      expect(errors).to all(be_an_instance_of(described_class::GuestError).and(have_attributes(cause: be_an_instance_of(Wasmtime::WasiExit))))
      expect(errors.map { |error| error.cause.code }).to eq([0, 3])
    end
  end

  it "shows nothing of a guest that a terminal would obey" do
    plugin = load_text("(module (func (export \"a\\1b[31m\\0ab\")))")
    expect(plugin.inspect).to eq('#<Wasmtime::Plugin plugin: a\x1B[31m\x0Ab>')
  end

  it "is an engine fault when the store cannot be used" do
    fiber_plugin = load_plugin(:module, note: ->(_n) { Fiber.yield(1) })
    fiber = Fiber.new { fiber_plugin.call(:ask, 1) }
    fiber.resume
    error = raised { load_plugin(:module).call(:add, 1, 2) }
    expect([error.class, error.cause.class]).to eq([described_class::EngineError, Wasmtime::StoreError])
    expect(error.message).to start_with("plugin module: add: the engine failed: another fiber of this thread is suspended")
    expect(fiber.resume(4)).to eq(4)
  end
end
