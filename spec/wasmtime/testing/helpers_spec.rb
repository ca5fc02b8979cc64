# frozen_string_literal: true

require "stringio"
require "wasmtime/testing"

RSpec.describe Wasmtime::Testing::Helpers do
  include_context "with a session of Wasmtime::Testing"

  def program(**options)
    wasm_instance(wat: TestSuites::PROGRAM, **options)
  end

  def scale(**options)
    imports = { "test:host/scale" => { factor: ->(_name) { 2 } } }
    wasm_instance(wat: TestSuites::COMPONENT, imports: imports, **options)
  end

  # A WASI program of the fixtures in C, which takes its orders as arguments.
  def probe(*args, component: false, **options)
    wasm_instance(File.expand_path("../../../fixtures/guests/probe#{'_component' if component}.wasm", __dir__), args: args, **options)
  end

  def run(instance)
    instance.is_a?(Wasmtime::Instance) ? instance.invoke("_start") : instance["wasi:cli/run"].functions.run
    0
  rescue Wasmtime::WasiExit => e
    e.code
  end

  describe "#wasm_instance" do
    it "makes an instance of a module or a component in a store of its own" do
      expect(program.invoke("add", 2, 3)).to eq(5)
      expect(program.functions.add(2, 3)).to eq(5)
      expect(scale.functions.scale_by(21)).to eq(42)
      expect([program.store, scale.store].uniq.size).to eq(2)
    end

    it "takes paths, modules and components" do
      mod = wasm_fixture(wat: "(module)")
      expect(wasm_instance(mod)).to be_a(Wasmtime::Instance)
      expect(wasm_instance(wasm_fixture(wat: "(component)"))).to be_a(Wasmtime::Component::Instance)
      Dir.mktmpdir do |folder|
        path = File.join(folder, "a.wat")
        File.write(path, '(module (func (export "f")))')
        Wasmtime.cache_dir = false
        expect(wasm_instance(path).exports.keys).to eq(["f"])
        expect(wasm_instance(Pathname(path)).exports.keys).to eq(["f"])
      ensure
        Wasmtime.cache_dir = nil
      end
    end

    it "links what the example gives, also what belongs to the store" do
      wat = '(module (import "env" "n" (func $n (result i32))) (import "env" "m" (memory 1)) (func (export "f") (result i32) (call $n)))'
      memory = nil
      imports = ->(store) { { "env" => { n: -> { 7 }, m: memory = Wasmtime::Memory.new(store, min_size: 1) } } }
      instance = wasm_instance(wat: wat, imports: imports)
      expect(instance.invoke("f")).to eq(7)
      expect(instance.store).to equal(memory.store)
    end

    it "replaces WASI's own functions by those of the example" do
      statuses = []
      instance = program(imports: { "wasi_snapshot_preview1" => { proc_exit: ->(status) { statuses << status } } })
      instance.invoke("_start")
      expect([statuses, instance.stdout]).to eq([[3], "hello\n"])
    end

    it "keeps what is written, apart for each stream" do
      instance = program
      instance.invoke("print", 1)
      2.times { instance.invoke("print", 2) }
      expect([instance.stdout, instance.stderr]).to eq(%W[hello\n hello\nhello\n])
      expect(instance.stdout.encoding).to eq(Encoding::UTF_8)
      instance.stdout.clear
      expect(instance.stdout).to eq("hello\n")
    end

    [false, true].each do |component|
      it "shows a #{component ? 'component' : 'module'} what it is given of the world", :slow do
        Dir.mktmpdir do |folder|
          File.write(File.join(folder, "in.txt"), "a file")
          options = { component: component, env: { "LANG" => "C" }, dirs: { "/data" => folder } }
          outputs = [%w[args one], %w[env], %w[cat], %w[read /data/in.txt], %w[write /data/in.txt changed]].map do |args|
            instance = probe(*args, stdin: StringIO.new("input"), **options)
            [run(instance), instance.stdout]
          end
          expect(outputs[0].last).to include("one")
          expect(outputs[1].last).to include("LANG=C")
          expect(outputs[2]).to eq([0, "input"])
          expect(outputs[3].last).to include("a file")
          expect(outputs[4].first).not_to eq(0)
          expect(File.read(File.join(folder, "in.txt"))).to eq("a file")
          expect(run(probe("write", "/data/in.txt", "changed", component: component, dirs: { "/data" => [folder, :read_write] }))).to eq(0)
          expect(File.read(File.join(folder, "in.txt"))).to eq("changed")
        end
      end
    end

    it "calls the _initialize of a reactor, and of nothing else" do
      body = '(global $n (mut i32) (i32.const 0)) (func (export "_initialize") (global.set $n (i32.const 5)))
              (func (export "n") (result i32) (global.get $n))'
      expect(wasm_instance(wat: "(module #{body})").invoke("n")).to eq(5)
      expect(wasm_instance(wat: "(module #{body} (func (export \"_start\")))").invoke("n")).to eq(0)
    end

    it "bounds memory and fuel, and compiles a fixture for an engine that counts fuel" do
      expect(program(memory_size: 1 << 20).invoke("grow", 100)).to eq(-1)
      instance = program(fuel: 1000)
      expect { instance.invoke("spin") }.to raise_error(Wasmtime::OutOfFuelError)
      expect { scale(fuel: 1000).functions.spin(timeout: 1) }.to raise_error(Wasmtime::OutOfFuelError)
      metered = wasm_fixture(wat: TestSuites::PROGRAM, engine: Wasmtime::Engine.new(consume_fuel: true))
      expect(wasm_instance(metered, fuel: 10).store.get_fuel).to eq(10)
    end

    it "bounds each call of whatever it exports", :slow do
      instance = program(timeout: 0.02)
      spins = [-> { instance.invoke("spin") }, -> { instance.functions.spin }, -> { instance.export("spin").call }, -> { instance[:spin].call },
               -> { instance.exports["spin"].call }, -> { instance["spin"].to_proc.call }]
      spins.each { |spin| expect(&spin).to raise_error(Wasmtime::TimeoutError) }
      expect(instance.invoke("add", 1, 2)).to eq(3)
      async = wasm_instance(wat: '(module (func (export "spin") (loop $again (br $again))))', timeout: 0.02)
      expect { async.invoke_async("spin").value }.to raise_error(Wasmtime::TimeoutError)
      expect { async["spin"].call_async.value }.to raise_error(Wasmtime::TimeoutError)
    end

    it "bounds calls of components, also of one with a parameter named timeout", :slow do
      expect { scale(timeout: 0.02).functions.spin(timeout: 60) }.to raise_error(Wasmtime::TimeoutError)
      expect { scale(timeout: 0.02).invoke("spin", 60) }.to raise_error(Wasmtime::TimeoutError)
      expect { scale(timeout: 0.02)["spin"].with(bytes: :string).call(60) }.to raise_error(Wasmtime::TimeoutError)
      expect { scale(timeout: nil).invoke("spin", 60, timeout: 0.02) }.to raise_error(Wasmtime::TimeoutError)
    end

    it "lets a call have a timeout of its own, a longer one too", :slow do
      instance = wasm_instance(wat: '(module (import "e" "wait" (func $w)) (func (export "f") (call $w)))',
                               imports: { "e" => { wait: -> { sleep(0.05) } } }, timeout: 0.001)
      expect { instance.invoke("f") }.to raise_error(Wasmtime::TimeoutError)
      expect { instance.invoke("f", timeout: 60) }.not_to raise_error
      expect { instance["f"].call(timeout: 60) }.not_to raise_error
      expect { instance.functions.f(gvl: :release) }.to raise_error(Wasmtime::TimeoutError)
      expect { instance.invoke("f", 1, timeout: 60) }.to raise_error(ArgumentError)
      expect { instance.invoke("f") }.to raise_error(Wasmtime::TimeoutError)
    end

    it "bounds the start function and takes its default from Wasmtime::Testing", :slow do
      Wasmtime::Testing.default_timeout = 0.02
      expect { wasm_instance(wat: "(module (func $f (loop $again (br $again))) (start $f))") }.to raise_error(Wasmtime::TimeoutError)
      expect { program.invoke("spin") }.to raise_error(Wasmtime::TimeoutError)
    ensure
      Wasmtime::Testing.default_timeout = 10
    end

    it "can be used by many threads, each with an instance of its own", :slow do
      sums = Array.new(4) { |n| Thread.new { Array.new(5) { program.invoke("add", n, 1) }.uniq } }.map(&:value)
      expect(sums).to eq([[1], [2], [3], [4]])
      expect(@_wasmtime_session.records.size).to eq(20)
    end

    it "closes every store when the example ends, and those of instances that could not be made" do
      instance = program
      expect { wasm_instance(wat: "(module (func $f unreachable) (start $f))") }.to raise_error(Wasmtime::Trap)
      expect { wasm_instance(wat: '(module (import "a" "b" (func)))') }.to raise_error(Wasmtime::LinkError)
      stores = @_wasmtime_session.records.map(&:store)
      expect([stores.size, stores.map(&:closed?).uniq]).to eq([3, [false]])
      @_wasmtime_session.close
      expect(stores.map(&:closed?).uniq).to eq([true])
      expect(instance.stdout).to eq("")
      expect { instance.invoke("add", 1, 2) }.to raise_error(Wasmtime::StoreClosedError)
      expect { instance["add"] }.to raise_error(Wasmtime::StoreClosedError)
    end

    it "interrupts a guest that another thread still runs when the example ends", :slow do
      instance = program(timeout: nil)
      thread = Thread.new { instance.invoke("spin") }
      thread.report_on_exception = false
      Thread.pass until busy?(instance)
      @_wasmtime_session.close
      expect(instance.store).to be_closed
      expect { thread.value }.to raise_error(Wasmtime::Trap)
    end

    it "tells of a store that cannot be closed, and closes the others" do
      stub_const("#{Wasmtime::Testing.const_get(:Session).name}::PATIENCE", 0)
      one = program
      other = program
      one.export("memory").to_memory.then do |memory|
        memory.view { expect { @_wasmtime_session.close }.to raise_error(Wasmtime::Error, /\A1 of the stores of wasm_instance cannot be closed/) }
      end
      expect([one.store.closed?, other.store.closed?]).to eq([false, true])
      one.store.close
    end

    it "leaves the stores of its parent alone in a forked child" do
      instance = program
      session = @_wasmtime_session
      reader, writer = IO.pipe
      pid = fork do
        session.close
        writer.write(instance.store.closed?.inspect)
        exit!(0)
      end
      writer.close
      Process.wait(pid)
      expect(reader.read).to eq("false")
    end

    it "refuses what would be ignored or cannot be" do
      {
        -> { wasm_instance(wat: "(module)", args: ["a"], stdin: "b") } =>
          [ArgumentError, "wasm_instance: stdin:, args: would be ignored: the module imports no WASI"],
        -> { wasm_instance(wat: "(component)", env: { "A" => "b" }) } =>
          [ArgumentError, "wasm_instance: env: would be ignored: the component imports no WASI"],
        -> { wasm_instance(Wasmtime::Module.new("(module)"), fuel: 5) } =>
          [ArgumentError, /\Afuel: the engine of this code counts no fuel; make it with/],
        -> { program(timeout: 0) } => [ArgumentError, "timeout: expected more than 0 seconds, got 0"],
        -> { program(timeout: "1") } => [TypeError, "timeout: expected a number of seconds, got String"],
        -> { program(fuel: "1") } => [TypeError, /Integer/],
        -> { program(memory_size: "1") } => [TypeError, /memory_size/],
        -> { program(stdin: 5) } => [TypeError, /\Astdin: expected a String, something with readpartial or read .*, got 5\z/],
        -> { program(dirs: ["/"]) } => [TypeError, "dirs: expected a Hash of guest paths and host paths, got Array"],
        -> { program(dirs: { "/a" => ["b", :read_write, 1] }) } =>
          [ArgumentError, %r{\Adirs: /a: expected a path, or a path and :read_write, got \[}],
        -> { program(dirs: { "/a" => "/nowhere" }) } => [Wasmtime::Error, %r{Failed to open directory /nowhere}],
        -> { program(imports: 5) } => [TypeError, "imports: expected an Array or a Hash, got Integer"],
        -> { wasm_instance(5) } => [TypeError, /no implicit conversion of Integer into String/],
        -> { wasm_instance } => [ArgumentError, "wasm_fixture: give either a path or wat:, got neither"],
        -> { wasm_instance(wasm_fixture(wat: "(module)"), wat: "(module)") } =>
          [ArgumentError, "wasm_instance: give either a fixture or wat:, not both"]
      }.each { |refused, error| expect(&refused).to raise_error(*error) }
    end

    it "refuses to replace WASI of a component in part" do
      wat = '(component (import "wasi:random/insecure@0.2.0" (instance (export "get-insecure-random-u64" (func (result u64))))))'
      expect { wasm_instance(wat: wat, imports: { "wasi:random/insecure": { get_insecure_random_u64: -> { 4 } } }) }.to raise_error(
        ArgumentError, 'wasm_instance: imports: "wasi:random/insecure" is WASI\'s, which the component is linked with, and cannot be replaced in part'
      )
      expect(wasm_instance(wat: wat)).to be_a(Wasmtime::Component::Instance)
    end

    it "refuses to work outside of an example" do
      @_wasmtime_session, session = nil, @_wasmtime_session # rubocop:disable Style/ParallelAssignment
      expect { program }.to raise_error(Wasmtime::Error, /work in examples and their hooks only, because stores are closed after each example/)
    ensure
      @_wasmtime_session = session
    end
  end

  def busy?(instance)
    instance.store.get_fuel && false
  rescue Wasmtime::StoreBusyError
    true
  rescue Wasmtime::Error
    false
  end
end
