# frozen_string_literal: true

require "logger"
require "stringio"
require "tempfile"
require "timeout"
require "tmpdir"

RSpec.describe "Wasmtime.run" do
  guests = File.expand_path("../../fixtures/guests", __dir__)

  def run(*args, **options)
    Wasmtime.run(program, *args, **options)
  end

  # What a program did that is said in the text format.
  def run_wat(body, **options)
    Wasmtime.run(wasm: "(module #{body})", **options)
  end

  RSpec::Matchers.define_negated_matcher :exclude, :include

  def looping = '(func (export "_start") (loop br 0))'

  { "a module" => "probe.wasm", "a component" => "probe_component.wasm" }.each do |kind, file|
    describe "with #{kind}" do
      let(:program) { File.join(guests, file) }

      it "gives what it wrote and how it ended" do
        result = run("echo", "a", "b")
        expect(result).to be_success.and be_frozen
        expect(result).to have_attributes(status: 0, stdout: "a b\n", stderr: "", error: nil, truncated?: false)
        expect(result.stdout.encoding).to eq(Encoding::UTF_8)
        expect(run("no-such-action").stderr).to include("no-such-action")
      end

      it "gives the status of a program that exits" do
        result = run("exit", "3")
        expect(result).to have_attributes(success?: false, error: nil)
        # wasi:cli/exit only knows whether it went well.
        expect(result.status).to eq(kind == "a module" ? 3 : 1)
      end

      it "grants nothing" do
        expect(run("env").stdout).to eq("")
        expect(run("cat").stdout).to eq("")
        expect(run("preopens").stdout).to eq("")
      end

      it "gives it its name, arguments and environment" do
        expect(run("args", "x y").stdout).to include(file, "x y")
        expect(run("args", argv0: "other").stdout).to include("other").and(exclude(file))
        expect(run("env", env: { "A" => "1", "B" => "2" }).stdout).to eq("A=1\nB=2\n")
      end

      it "gives it directories, read-only unless that is said" do
        Dir.mktmpdir do |folder|
          File.write(File.join(folder, "a"), "text")
          expect(run("read", "/d/a", dirs: { "/d" => folder }).stdout).to include("text")
          refused = run("write", "/d/b", "x", dirs: { "/d" => Pathname.new(folder) })
          expect([refused.success?, File.exist?(File.join(folder, "b"))]).to eq([false, false])
          expect(run("write", "/d/b", "x", dirs: { "/d" => [folder, :read_write] })).to be_success
          expect(File.read(File.join(folder, "b"))).to eq("x")
        end
      end

      it "reads a String, a StringIO, a File from where it is, a pipe, and anything with read" do
        Tempfile.create("input") do |input|
          input.write("12345")
          input.flush
          input.seek(2)
          reader, writer = IO.pipe
          writer << "piped"
          writer.close
          other = Struct.new(:texts) { def read(_length) = texts.shift }.new(%w[a b])
          expect(["text", StringIO.new("io"), input, reader, other].map { |stdin| run("cat", stdin: stdin).stdout }).to eq(%w[text io 345 piped ab])
        end
      end

      it "writes to a String, a StringIO, a File, a pipe, a Logger, a block that is given lines, and nowhere" do
        string = +"before "
        io = StringIO.new
        log = StringIO.new
        logger = Logger.new(log, formatter: ->(severity, _, _, text) { "#{severity}: #{text}\n" })
        lines = []
        reader, writer = IO.pipe
        Tempfile.create("output") do |output|
          results = [string, io, output, writer, logger, ->(line) { lines << line }, :null].map { |stdout| run("echo", "a\nb", stdout: stdout) }
          expect(results).to all(be_success.and(have_attributes(stdout: nil, stderr: "")))
          writer.close
          expect([string, io.string, File.read(output), reader.read, log.string]).to eq(["before a\nb\n", *["a\nb\n"] * 3, "INFO: a\nINFO: b\n"])
          expect(lines).to eq(%w[a b])
        end
      end

      it "brings standard error to where it belongs, to a Logger as errors" do
        log = StringIO.new
        logger = Logger.new(log, formatter: ->(severity, _, _, text) { "#{severity}: #{text}\n" })
        expect(run("no-such-action", stderr: logger)).to have_attributes(stderr: nil, stdout: "")
        expect(log.string).to start_with("ERROR: ")
      end

      it "keeps the order of both streams when one object takes both" do
        expected = run("interleave", "50").then { |result| [result.stdout, result.stderr] }.map { |text| text.lines.size }.sum
        io = StringIO.new
        string = +""
        [io, string].each { |target| run("interleave", "50", stdout: target, stderr: target) }
        expect(io.string).to eq(string)
        expect(string.lines.size).to eq(expected)
      end

      it "lets output arrive while it runs, and input be answered: a conversation" do
        questions, asked = IO.pipe
        heard = Queue.new
        result = nil
        runner = Thread.new { result = run("cat", stdin: questions, stdout: ->(line) { heard << line }) }
        asked.sync = true
        answers = %w[one two three].map do |word|
          asked.puts(word)
          Timeout.timeout(20) { heard.pop }
        end
        asked.close
        runner.join
        expect([answers, result.success?]).to eq([%w[one two three], true])
      end

      it "does not read its input whole" do
        read = 0
        source = Object.new
        source.define_singleton_method(:read) { |length| (read += length) && ("x" * length) }
        expect(run("echo", "a", stdin: source)).to be_success
        expect(read).to be <= 512 << 10
      end

      it "drops what is over the limit and says so" do
        io = StringIO.new
        expect(run("flood", "300", output: 10)).to have_attributes(truncated?: true, stdout: have_attributes(bytesize: 10))
        expect(run("flood", "300", output: 10, stdout: io).truncated?).to be(true)
        expect(io.string.bytesize).to eq(10)
        expect(run("flood", "300", output: nil).truncated?).to be(false)
      end

      it "limits output to 16 MiB unless told otherwise" do
        expect(run("flood", (17 << 20).to_s)).to have_attributes(truncated?: true, stdout: have_attributes(bytesize: 16 << 20))
        expect(run("flood", (17 << 20).to_s, output: nil)).to have_attributes(truncated?: false, stdout: have_attributes(bytesize: 17 << 20))
      end

      it "ends at the timeout, wherever it is, with what it wrote until then" do
        reader, writer = IO.pipe
        stuck, _unread = IO.pipe.reverse
        runs = [run("spin", timeout: 0.1), run("sleep", "20000", timeout: 0.1), run("cat", stdin: reader, timeout: 0.1),
                run("flood", "1000000", stdout: stuck, timeout: 0.1)]
        expect(runs).to all(have_attributes(success?: false))
        expect(runs.first(3).map(&:error)).to all(be_a(Wasmtime::TimeoutError))
        expect(runs.map { |result| result.usage.wall }).to all(be < 10)
        writer << "heard\n"
        said = []
        expect(run("cat", stdin: reader, stdout: ->(line) { said << line }, timeout: 0.5).error).to be_a(Wasmtime::TimeoutError)
        expect(said).to eq(["heard"])
      end

      it "is ended by Timeout and Thread#kill while it waits for input" do
        reader, _writer = IO.pipe
        expect { Timeout.timeout(0.1) { run("cat", stdin: reader) } }.to raise_error(Timeout::Error)
        thread = Thread.new { run("cat", stdin: reader) }
        Thread.pass until thread.status == "sleep"
        expect(thread.kill.join(10)).to equal(thread)
      end

      it "raises what an object of a stream raises, as the same object" do
        error = RuntimeError.new("no")
        expect { run("echo", "a", stdout: ->(_line) { raise error }) }.to raise_error(equal(error))
        expect { run("flood", "1000000", stdout: ->(_line) { raise error }) }.to raise_error(equal(error))
        broken = Object.new
        broken.define_singleton_method(:read) { |_length| raise error }
        expect { run("cat", stdin: broken) }.to raise_error(equal(error))
        expect { run("spin", stdin: broken) }.to raise_error(equal(error))
      end

      it "leaves no threads and no files" do
        count = -> { [Thread.list.size, Dir.children("/proc/self/fd").size] }
        once = -> { run("cat", stdin: StringIO.new("a"), stdout: StringIO.new, stderr: ->(_line) {}) }
        once.call
        before = count.call
        10.times { once.call }
        run("cat", stdin: IO.pipe.first, timeout: 0.05)
        GC.start
        threads, files = count.call
        expect([threads - before[0], files - before[1]]).to match([be <= 0, be <= 4])
      end

      it "says what it used" do
        usage = run("echo", "a", fuel: 1_000_000_000).usage
        expect(usage).to be_frozen.and have_attributes(wall: be_positive, fuel: be > 100, peak_memory: be >= 65_536, host_calls: 0)
        expect(run("echo", "a").usage.fuel).to be_nil
      end

      it "can be ended by its fuel and by its memory" do
        expect(run("spin", fuel: 100_000)).to have_attributes(status: nil, error: be_a(Wasmtime::OutOfFuelError))
        expect(run("spin", fuel: 100_000).usage.fuel).to be >= 100_000
      end

      it "runs in many threads at a time" do
        work = ->(index) { run("echo", index.to_s, stdin: StringIO.new("x"), stdout: +"") && run("echo", index.to_s).stdout }
        results = Array.new(8) { |index| Thread.new { work.call(index) } }
        expect(results.map(&:value)).to eq((0..7).map { |index| "#{index}\n" })
      end

      it "runs in a forked child, also when the parent has run it" do
        expect(output_of(<<~RUBY)).to eq("a\nb\nc")
          require "stringio"
          run = ->(word) { Wasmtime.run(#{program.inspect}, "cat", stdin: StringIO.new(word), stdout: out = StringIO.new) && out.string }
          $stdout.puts(run.call("a"))
          $stdout.flush
          child = fork { $stdout.puts(run.call("b")) }
          Process.wait(child)
          $stdout.puts(run.call("c"))
        RUBY
      end
    end
  end

  describe "what it runs" do
    let(:wat) { '(module (func (export "_start")))' }

    it "is a path, a module, a component, bytes, the text format or an IO of them" do
      mod = Wasmtime::Module.new(wat)
      component = Wasmtime::Component::Component.from_file(File.join(guests, "probe_component.wasm"))
      Dir.mktmpdir do |folder|
        path = Pathname.new(folder).join("program.wat").tap { |file| file.write(wat) }
        given = [Wasmtime.run(path), Wasmtime.run(path.to_s), Wasmtime.run(mod), Wasmtime.run(wasm: mod), Wasmtime.run(wasm: wat),
                 Wasmtime.run(wasm: Wasmtime.wat2wasm(wat)), Wasmtime.run(wasm: StringIO.new(wat)), path.open { |io| Wasmtime.run(wasm: io) },
                 Wasmtime.run(component, "echo")]
        expect(given).to all(be_success)
      end
    end

    it "uses the engine of what is compiled already, and the one it is given for the rest" do
      engine = Wasmtime::Engine.new(consume_fuel: true)
      mod = Wasmtime::Module.new(engine, wat)
      expect(Wasmtime.run(mod, fuel: 1000)).to be_success
      expect(Wasmtime.run(wasm: wat, engine: engine, fuel: 1000).usage.fuel).to be_between(1, 1000)
      expect { Wasmtime.run(Wasmtime::Module.new(wat), fuel: 1000) }.to raise_error(Wasmtime::Error, /fuel/)
    end

    it "counts fuel in an engine that is otherwise like the default one" do
      out = output_of(<<~'RUBY')
        Wasmtime::Engine.default = Wasmtime::Engine.new(max_wasm_stack: 64 << 10, wasm_simd: false, wasm_relaxed_simd: false)
        wat = '(module (func $deep (result i32) (i32.add (call $deep) (i32.const 1))) (func (export "_start") (drop (call $deep))))'
        puts [nil, 1 << 40].map { |fuel| Wasmtime.run(wasm: wat, fuel: fuel).error.code }.inspect
        simd = '(module (func (export "_start") (drop (v128.const i32x4 0 0 0 0))))'
        puts [nil, 1 << 40].map { |fuel| (Wasmtime.run(wasm: simd, fuel: fuel) rescue $!.class) }.inspect
        puts Wasmtime.run(wasm: '(module (func (export "_start")))', fuel: 1000).usage.fuel.positive?
      RUBY
      expect(out.lines(chomp: true)).to eq(["[:stack_overflow, :stack_overflow]", "[Wasmtime::CompileError, Wasmtime::CompileError]", "true"])
      refusal = "fuel: give an engine: with consume_fuel: true, because #<Wasmtime::Engine allocation_strategy: :pooling> has a pool of its own"
      expect(output_of(<<~'RUBY')).to eq(refusal)
        Wasmtime::Engine.default = Wasmtime::Engine.new(allocation_strategy: Wasmtime::PoolingAllocationConfig.new)
        begin
          Wasmtime.run(wasm: '(module (func (export "_start")))', fuel: 1000)
        rescue Wasmtime::Error => e
          puts e.message
        end
      RUBY
    end

    it "may call Ruby when that is given, which counts" do
      heard = []
      calls = '(func (export "_start") (call $tell (i32.const 1)) (call $tell (i32.const 2)))'
      result = run_wat("(import \"env\" \"tell\" (func $tell (param i32))) #{calls}",
                       imports: { "env" => { tell: ->(number) { heard << number } } })
      expect([heard, result.usage.host_calls]).to eq([[1, 2], 2])
      error = RuntimeError.new("no")
      expect do
        run_wat('(import "env" "tell" (func $tell)) (func (export "_start") (call $tell))', imports: { "env" => { tell: -> { raise error } } })
      end.to raise_error(equal(error))
    end

    it "has to be one thing, and a program" do
      expect { Wasmtime.run }.to raise_error(ArgumentError, /either a path, .* or wasm:, got neither/)
      expect { Wasmtime.run("a.wasm", wasm: wat) }.to raise_error(ArgumentError, /either a path, .* not both/)
      expect { Wasmtime.run(wasm: 5) }.to raise_error(TypeError, "wasm: expected bytes, the text format or an IO, got Integer")
      expect { Wasmtime.run("/nowhere/a.wasm") }.to raise_error(Wasmtime::Error, %r{/nowhere/a.wasm})
      expect { Wasmtime.run(wasm: "(module") }.to raise_error(Wasmtime::CompileError)
      instead = "instantiate it, and call the functions that it exports"
      expect { run_wat("") }.to raise_error(Wasmtime::Error, "main is no program: the module does not export a function _start; #{instead}")
      expect { Wasmtime.run(wasm: "(component)") }
        .to raise_error(Wasmtime::Error, "main is no program: the component does not export wasi:cli/run@0.2; #{instead}")
    end

    it "has to find what it imports" do
      expect { run_wat('(import "env" "tell" (func)) (func (export "_start"))') }.to raise_error(Wasmtime::LinkError, /env/)
    end

    it "is the main Ractor's" do
      message = output_of(<<~RUBY)
        ractor = Ractor.new { Wasmtime.run("a.wasm") rescue $!.message }
        puts ractor.take
      RUBY
      expect(message).to eq("Wasmtime.run is for the main Ractor: elsewhere use Store, Linker and WASI::P1")
    end
  end

  describe "what goes wrong" do
    it "is in the result when the guest did it" do
      result = run_wat('(func (export "_start") unreachable)')
      expect(result).to have_attributes(status: nil, success?: false, error: be_an_instance_of(Wasmtime::Trap))
      expect(result.error.code).to eq(:unreachable_code_reached)
      expect(run_wat(looping, timeout: 0.02).error).to be_a(Wasmtime::TimeoutError)
      expect(run_wat('(tag $t) (func (export "_start") (throw $t))', engine: Wasmtime::Engine.new(wasm_exceptions: true)).error)
        .to be_a(Wasmtime::WasmException)
    end

    it "is a MemoryLimitError, with what it led to as the cause, when memory was denied before" do
      grow = "(drop (memory.grow (i32.const 1000)))"
      trapped = run_wat("(memory 1) (func (export \"_start\") #{grow} unreachable)", memory_size: 1 << 20)
      expect(trapped.error).to be_a(Wasmtime::MemoryLimitError)
      expect(trapped.error).to have_attributes(code: :unreachable_code_reached, message: /denied memory beyond its limit/)
      expect(trapped.error.cause).to be_an_instance_of(Wasmtime::Trap)
      exit = '(import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))'
      exited = run_wat("#{exit} (memory 1) (func (export \"_start\") #{grow} (call $exit (i32.const 7)))", memory_size: 1 << 20)
      expect(exited).to have_attributes(status: 7, success?: false, error: be_a(Wasmtime::MemoryLimitError))
      expect(run_wat("(memory 1) (func (export \"_start\") #{grow})", memory_size: 1 << 20)).to be_success
      expect(run_wat("(memory 100) (func (export \"_start\"))", memory_size: 1 << 20)).to have_attributes(success?: false, status: nil)
    end

    {
      { timeout: 0 } => [ArgumentError, /timeout: expected more than 0 seconds/],
      { timeout: "1" } => [TypeError, /timeout: expected a number of seconds, got String/],
      { output: -1 } => [ArgumentError, "limit: expected at least 0 bytes, got -1"],
      { output: 1.5 } => [TypeError, "limit: expected a number of bytes or nil, got 1.5"],
      { dirs: ["a"] } => [TypeError, "dirs: expected a Hash of guest paths and host paths, got Array"],
      { dirs: { "/a" => ["/tmp", :read_only, 1] } } => [ArgumentError, /expected a path, or a path and :read_write/],
      { dirs: { "/a" => ["/tmp", :all] } } => [ArgumentError, /invalid :permissions/],
      { dirs: { "/a" => "/nowhere" } } => [Wasmtime::Error, %r{Failed to open directory /nowhere}],
      { env: 1 } => [TypeError, "env: expected a Hash or ENV, got Integer"],
      { stdin: 5 } => [TypeError, /stdin: expected a String, something with readpartial or read .* got 5/],
      { stdout: 5 } => [TypeError, /stdout: expected a String, something with write .* got 5/],
      { stderr: :nowhere } => [TypeError, /stderr: expected .* got :nowhere/],
      { memory_size: "1" } => [TypeError, "memory_size: no implicit conversion of String into Integer"],
      { fuel: "1" } => [TypeError, /Integer/],
      { imports: 5 } => [TypeError, "imports: expected a Hash, got 5"]
    }.each do |options, (kind, message)|
      it "is raised at once for #{options.inspect}" do
        expect { run_wat('(func (export "_start"))', **options) }.to raise_error(kind, message)
      end
    end
  end

  describe "Wasmtime.run!" do
    it "gives the result of a success" do
      expect(Wasmtime.run!(wasm: '(module (func (export "_start")))')).to be_a(Wasmtime::RunResult).and be_success
    end

    it "raises the error, or a WasiExit, with the result" do
      probe = File.join(guests, "probe.wasm")
      expect { Wasmtime.run!(probe, "exit", "4") }.to raise_error(Wasmtime::WasiExit) { |error|
        expect(error).to have_attributes(code: 4, result: have_attributes(status: 4))
      }
      expect { Wasmtime.run!(probe, "spin", timeout: 0.05) }.to raise_error(Wasmtime::TimeoutError) { |error|
        expect(error.result).to have_attributes(error: equal(error), status: nil)
      }
    end
  end
end
