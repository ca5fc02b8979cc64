# frozen_string_literal: true

require "wasmtime/testing/matchers"

RSpec.describe Wasmtime::Testing::Matchers do
  include_context "with a session of Wasmtime::Testing"
  include Wasmtime::Testing::Matchers

  let(:program) { wasm_instance(wat: TestSuites::PROGRAM, memory_size: 1 << 20) }
  let(:component) { wasm_fixture(wat: TestSuites::COMPONENT) }
  let(:scale) { wasm_instance(component, imports: { "test:host/scale" => { factor: ->(_name) { 2 } } }) }

  def result(status: 0, stdout: "", stderr: "", error: nil, truncated: false)
    usage = Wasmtime::Usage.new(wall: 0.1, fuel: nil, peak_memory: 0, host_calls: 0)
    Wasmtime::RunResult.new(status: status, stdout: stdout, stderr: stderr, truncated: truncated, error: error, usage: usage)
  end

  # Raises a failure with this message.
  def fail_with(message)
    raise_error(RSpec::Expectations::ExpectationNotMetError, message)
  end

  describe "#export_func and #import_func" do
    let(:mod) { wasm_fixture(wat: TestSuites::PROGRAM) }

    it "know functions of modules and instances by name and type" do
      [mod, program].each do |subject|
        expect(subject).to export_func(:add)
        expect(subject).to export_func("add").with(:i32, :i32).returning(:i32)
        expect(subject).to export_func(:add).with("i32", Wasmtime::ValType.new(:i32))
        expect(subject).to export_func(:boom).with.returning
        expect(subject).not_to export_func(:add).with(:i32)
        expect(subject).not_to export_func(:add).with(:i32, :i64)
        expect(subject).not_to export_func(:add).returning
        expect(subject).not_to export_func(:subtract)
        expect(subject).not_to export_func(:memory)
      end
      expect(mod).to import_func("wasi_snapshot_preview1", "proc_exit").with(:i32).returning
      expect(mod).not_to import_func("wasi_snapshot_preview1", "proc_exit").with
      expect(mod).not_to import_func("env", "proc_exit")
    end

    it "know functions of components and their interfaces, without the version too" do
      [component, scale].each do |subject|
        expect(subject).to export_func("scale-by").with(:u32).returning(:u32)
        expect(subject).to export_func(:scale_by).with(number: :u32).returning("u32")
        expect(subject).to export_func(:fail).with.returning("result")
        expect(subject).to export_func(:fail).returning(Wasmtime::Component::ResultType.new)
        expect(subject).not_to export_func("scale-by").with(size: :u32)
        expect(subject).to import_func("test:host/scale", "factor").with(name: :string).returning(:u32)
        expect(subject).to import_func("test:host/scale@1.2.0", :factor)
        expect(subject).not_to import_func("test:host/scale@2.0.0", :factor)
        expect(subject).not_to import_func("test:host/scale")
      end
    end

    it "know several results and references" do
      mod = wasm_fixture(wat: '(module (func (export "f") (param (ref func) externref) (result i32 f64) unreachable))')
      expect(mod).to export_func(:f).with("(ref func)", :externref).returning(:i32, :f64)
      expect(mod).to export_func(:f).with(Wasmtime::ValType.new(:func, nullable: false), Wasmtime::ValType.new(:extern))
      expect { expect(mod).to export_func(:f).returning(:f64) }.to fail_with(
        /f\(\.\.\.\) -> f64\nbut it exports\n  f\(\(ref func\), externref\) -> \(i32, f64\)/
      )
    end

    it "show both sides" do
      expect { expect(mod).to export_func(:add).with(:i32).returning(:i64) }.to fail_with(
        "expected #{mod.inspect} to export the function\n  add(i32) -> i64\nbut it exports\n  add(i32, i32) -> i32"
      )
      expect { expect(mod).not_to export_func(:add) }.to fail_with(
        "expected #{mod.inspect} not to export the function\n  add(...) -> ...\nbut it exports\n  add(i32, i32) -> i32"
      )
      expect { expect(component).to export_func(:scale_by).with(size: :u32) }.to fail_with(
        "expected #{component.inspect} to export the function\n  scale_by(size: u32) -> ...\nbut it exports\n  scale-by(number: u32) -> u32"
      )
    end

    it "show what is there instead of what is missing" do
      expect { expect(mod).to import_func("wasi_snapshot_preview1", "fd_wite") }.to fail_with(<<~TEXT.chomp)
        expected #{mod.inspect} to import the function
          wasi_snapshot_preview1.fd_wite(...) -> ...
        but it imports no "wasi_snapshot_preview1.fd_wite", did you mean "wasi_snapshot_preview1.fd_write"?
        its functions are
          wasi_snapshot_preview1.fd_write(i32, i32, i32, i32) -> i32
          wasi_snapshot_preview1.proc_exit(i32) -> ()
      TEXT
      expect { expect(wasm_fixture(wat: "(module)")).to export_func(:f) }.to fail_with(/but it exports no "f", and no functions at all\z/)
      many = wasm_fixture(wat: "(module #{Array.new(25) { |n| "(func (export \"f#{n}\"))" }.join})")
      expect { expect(many).to export_func(:g) }.to fail_with(/f19\(\) -> \(\)\n  and 5 more\z/)
    end

    it "show what is no function" do
      expect { expect(mod).to export_func(:memory) }.to fail_with(/but it exports "memory" as no function: \(memory 1\)\z/)
      expect { expect(program).to export_func(:memory) }.to fail_with(/as no function: #<Wasmtime::Memory \(memory 1\)>\z/)
      expect { expect(component).to import_func("test:host/scale") }.to fail_with(%r{but it imports "test:host/scale@1\.2\.0" as no function: })
    end

    it "fail both ways for what has no functions" do
      expected = /\Aexpected 5 (not )?to export the function\n  f\(\.\.\.\) -> \.\.\.\nbut it is Integer: only a module, a component or an in/
      expect { expect(5).to export_func(:f) }.to fail_with(expected)
      expect { expect(5).not_to export_func(:f) }.to fail_with(expected)
      expect { expect(program).to import_func("env", "f") }.to fail_with(
        /but it is Wasmtime::Instance: only a module, a component or an instance of a/
      )
    end

    it "refuse what is no name and no type" do
      expect { export_func }.to raise_error(ArgumentError, "export_func: name the function")
      expect { export_func(5) }.to raise_error(TypeError)
      expect { export_func(:f).with(:strng) }.to raise_error(ArgumentError, /\Athere is no type :strng, did you mean :string\? \(known: i32, i64, /)
      expect { export_func(:f).returning(5) }.to raise_error(TypeError, 'expected a type such as :i32 or "list<u8>", got 5')
      expect { export_func(:f).with(:u8, size: :u8) }.to raise_error(ArgumentError, "with: give every parameter a name, or none")
    end

    it "refuse a block" do
      expect { expect {}.to export_func(:f) }.to fail_with(/block/)
    end

    it "compose and describe themselves" do
      expect(mod).to export_func(:add).and export_func(:boom)
      expect(mod).to export_func(:none).or export_func(:boom)
      expect([5, mod]).to include(export_func(:add))
      expect({ code: mod }).to match(code: export_func(:add).with(:i32, :i32))
      expect(export_func(:add).with(:i32).description).to eq("export the function add(i32) -> ...")
      expect(import_func("env", "log").returning.description).to eq("import the function env.log(...) -> ()")
    end
  end

  describe "#trap_with" do
    it "knows traps by their code" do
      expect { program.invoke("boom") }.to trap_with(:unreachable_code_reached)
      expect { program.invoke("boom") }.to trap_with
      expect { scale.invoke("boom") }.to trap_with(:unreachable_code_reached)
      expect { program.invoke("add", 1, 2) }.not_to trap_with(:unreachable_code_reached)
      expect { program.invoke("_start") }.not_to trap_with
      expect(result(status: nil, error: Wasmtime::Trap.new("x", code: :stack_overflow))).to trap_with(:stack_overflow)
      expect(result(status: nil, error: Wasmtime::Trap.new("x", code: :stack_overflow))).not_to trap_with(:interrupt)
    end

    it "shows what happened instead" do
      expect { expect { program.invoke("boom") }.to trap_with(:integer_overflow) }.to fail_with(<<~TEXT.chomp.then { |text| /\A#{text}\z/ })
        expected the block to trap with :integer_overflow
        but it trapped with :unreachable_code_reached: Wasmtime::Trap: wasm trap: wasm `unreachable` instruction executed
            <wasm>:0x\\h+:in `<wasm function 5>'
        it wrote to stderr: "hello\\\\n"
      TEXT
      expect { expect { program.invoke("add", 1, 2) }.to trap_with }.to fail_with("expected the block to trap\nbut it returned 3")
      expect { expect { program.invoke("exit", 4) }.to trap_with }.to fail_with("expected the block to trap\nbut it exited with status 4")
      expect { expect { program.invoke("boom") }.not_to trap_with }.to fail_with(
        /\Aexpected the block not to trap\nbut it trapped with :unreachable_/
      )
      expect { expect(result).to trap_with }.to fail_with("expected the program to trap\nbut it exited with status 0")
    end

    it "refuses a code that does not exist" do
      expect { trap_with(:unreachable_code_reachd) }.to raise_error(
        ArgumentError, "there is no trap code :unreachable_code_reachd, did you mean :unreachable_code_reached? (Wasmtime::Trap::CODES has them all)"
      )
      expect { trap_with(:unreachable) }.to raise_error(ArgumentError, /did you mean :unreachable_code_reached\?/)
      expect { trap_with("stack_overflow") }.to raise_error(ArgumentError, /\Athere is no trap code "stack_overflow", did you mean :stack_overflow\?/)
    end

    it "lets a trap through that it does not speak of" do
      expect { expect { program.invoke("boom") }.not_to trap_with(:stack_overflow) }.to raise_error(Wasmtime::Trap, /unreachable/)
    end

    it "lets what is no end of a guest through as it is" do
      error = RuntimeError.new("mine")
      expect { expect { raise error }.not_to trap_with }.to(raise_error { |raised| expect(raised).to equal(error) })
      expect { expect { raise error }.to trap_with }.to(raise_error { |raised| expect(raised).to equal(error) })
      expect { expect { program.invoke("none") }.not_to trap_with }.to raise_error(Wasmtime::Error, /function "none" not found/)
      expect(catch(:out) { expect { throw :out, 5 }.to(trap_with) }).to eq(5)
    end

    it "fails both ways for what can have no outcome" do
      text = "expected a block, or what Wasmtime.run returned, to trap\nbut got 5"
      expect { expect(5).to trap_with }.to fail_with(text)
      expect { expect(5).not_to trap_with }.to fail_with(text)
    end
  end

  describe "#exit_with" do
    it "knows the status of a program" do
      expect { program.invoke("_start") }.to exit_with(3)
      expect { program.invoke("exit", 0) }.to exit_with(0)
      expect { program.invoke("add", 1, 2) }.to exit_with(0)
      expect { program.invoke("_start") }.to exit_with(1..5)
      expect { program.invoke("_start") }.to exit_with(be > 2)
      expect { program.invoke("_start") }.not_to exit_with(0)
      expect(result(status: 2)).to exit_with(2)
      expect([result(status: 2), result]).to match([exit_with(2), exit_with(0)])
      expect(result(status: nil, error: Wasmtime::Trap.new("x"))).not_to exit_with(0)
      expect { result(status: 7) }.to exit_with(7)
    end

    it "knows components that say they failed" do
      expect { scale.invoke("fail") }.to exit_with(1)
      expect { raise Wasmtime::Error, "Error running `run`" }.to exit_with(1)
      expect { expect { raise Wasmtime::Error, "other" }.to exit_with(1) }.to raise_error(Wasmtime::Error, "other")
    end

    it "shows what happened instead" do
      expect { expect { program.invoke("_start") }.to exit_with(0) }.to fail_with(
        "expected the block to exit with status 0\nbut it exited with status 3\nit wrote to stdout: \"hello\\n\""
      )
      expect { expect { program.invoke("exit", 3) }.not_to exit_with(3) }.to fail_with(
        "expected the block not to exit with status 3\nbut it exited with status 3"
      )
      expect { expect { program.invoke("boom") }.to exit_with(be_zero) }.to fail_with(
        /\Aexpected the block to exit with status be zero\nbut it trapped with/
      )
      expect { expect { nil }.to exit_with(1) }.to fail_with("expected the block to exit with status 1\nbut it exited with status 0")
    end

    it "lets a trap through when it is negated" do
      expect { expect { program.invoke("boom") }.not_to exit_with(0) }.to raise_error(Wasmtime::Trap)
    end

    it "refuses what is no status" do
      expect { exit_with("0") }.to raise_error(TypeError, 'exit_with: expected an Integer, a Range or a matcher, got "0"')
      expect { exit_with(-1) }.to raise_error(ArgumentError, "exit_with: expected 0..4294967295, got -1")
    end
  end

  describe "limits" do
    it "know a guest that used up its fuel" do
      metered = wasm_instance(wat: TestSuites::PROGRAM, fuel: 1000)
      expect { metered.invoke("spin") }.to exceed_fuel
      expect { program.invoke("add", 1, 2) }.not_to exceed_fuel
      expect(result(status: nil, error: Wasmtime::OutOfFuelError.new("x"))).to exceed_fuel
      expect { expect { program.invoke("add", 1, 2) }.to exceed_fuel }.to fail_with("expected the block to exceed its fuel\nbut it returned 3")
      expect { expect { metered.invoke("spin") }.not_to exceed_fuel }.to fail_with(
        /\Aexpected the block not to exceed its fuel\nbut it trapped with :out_of_fuel/
      )
      expect { expect { program.invoke("boom") }.not_to exceed_fuel }.to raise_error(Wasmtime::Trap)
    end

    it "know a guest that took too long" do
      expect { program.invoke("spin", timeout: 0.02) }.to time_out
      expect { program.invoke("add", 1, 2) }.not_to time_out
      expect(result(status: nil, error: Wasmtime::TimeoutError.new("x"))).to time_out
      expect { expect { program.invoke("add", 1, 2) }.to time_out }.to fail_with("expected the block to time out\nbut it returned 3")
      expect { expect { program.invoke("spin", timeout: 0.02) }.not_to time_out }.to fail_with(
        /\Aexpected the block not to time out\nbut it trapped with :int/
      )
    end

    it "know a guest that was denied memory" do
      expect { program.invoke("grow", 1) }.not_to exceed_memory
      expect { program.invoke("grow", 100) }.to exceed_memory
      expect(result(status: nil, error: Wasmtime::MemoryLimitError.new("x"))).to exceed_memory
      expect(result(status: 1, error: Wasmtime::MemoryLimitError.new("x"))).to exceed_memory.and exit_with(1)
      expect { raise Wasmtime::MemoryLimitError, "x" }.to exceed_memory
    end

    it "know it once for each instance, and say so" do
      program.invoke("grow", 100)
      expect { program.invoke("grow", 1) }.not_to exceed_memory
      expect { expect { program.invoke("grow", 100) }.to exceed_memory }.to fail_with(
        "expected the block to exceed its memory\nbut it returned -1\nan instance had been denied memory before the block, so nobody can tell " \
        "whether it was again: expect that of a fresh instance"
      )
      expect { wasm_instance(wat: TestSuites::PROGRAM, memory_size: 1 << 20).invoke("grow", 100) }.to exceed_memory
    end

    it "do not mind a store that was closed meanwhile" do
      expect { program.store.close }.not_to exceed_memory
    end

    it "show what happened instead of memory that was denied" do
      expect { expect { program.invoke("grow", 1) }.to exceed_memory }.to fail_with("expected the block to exceed its memory\nbut it returned 1")
      expect { expect { program.invoke("grow", 99) }.not_to exceed_memory }.to fail_with(
        "expected the block not to exceed its memory\nbut it returned -1"
      )
    end
  end

  describe "#print_to_stdout and #print_to_stderr" do
    it "know what instances of the example wrote while the block ran" do
      program.invoke("print", 1)
      expect { program.invoke("_start") }.to print_to_stdout("hello\n")
      expect { program.invoke("_start") }.to print_to_stdout(/^hel+o$/)
      expect { program.invoke("print", 2) }.to print_to_stderr(start_with("hell").and(end_with("\n")))
      expect { program.invoke("print", 2) }.not_to print_to_stdout
      expect { program.invoke("print", 2) }.to print_to_stderr
      expect { program.invoke("print", 1) }.not_to print_to_stdout("hello")
    end

    it "know what several instances wrote, in the order they were made, also those made meanwhile" do
      program
      expect { [wasm_instance(wat: TestSuites::PROGRAM), program].each { |one| one.invoke("print", 1) } }.to print_to_stdout("hello\n" * 2)
    end

    it "know what a program wrote" do
      expect(result(stdout: "a", stderr: "b")).to print_to_stdout("a").and print_to_stderr("b")
      expect { result(stdout: "a") }.to print_to_stdout("a")
      expect { expect(result(stdout: nil)).to print_to_stdout("a") }.to fail_with(
        "expected the program to print \"a\" to stdout\nbut it is not known what it printed, because its stdout went elsewhere"
      )
    end

    it "compare bytes, and look for patterns in what is valid" do
      expect(result(stdout: "\xFFa")).to print_to_stdout("\xFFa".b)
      expect(result(stdout: "\xFFé")).to print_to_stdout(/é/)
    end

    it "show both sides" do
      expect { expect { program.invoke("_start") }.to print_to_stdout("hullo\n") }.to fail_with(
        "expected the block to print \"hullo\\n\" to stdout\nbut it printed \"hello\\n\""
      )
      expect { expect { program.invoke("print", 2) }.to print_to_stdout(/x/) }.to fail_with(
        "expected the block to print text that matches /x/ to stdout\nbut it printed nothing\nit wrote to stderr: \"hello\\n\""
      )
      expect { expect { program.invoke("print", 1) }.not_to print_to_stdout(start_with("h")) }.to fail_with(
        "expected the block not to print text that should start with \"h\" to stdout\nbut it printed \"hello\\n\""
      )
      expect { expect { nil }.to print_to_stderr }.to fail_with("expected the block to print anything to stderr\nbut it printed nothing")
    end

    it "shorten what is long, and tell what was dropped" do
      long = result(stdout: "a" * 3000, truncated: true)
      expect { expect(long).to print_to_stdout("a") }.to fail_with(
        /"a{2000}" and 1000 bytes more \(some of it was dropped, because it was more than is kept\)\z/
      )
    end

    it "let a trap through, but not with a matcher beside them that speaks of it" do
      expect { expect { program.invoke("boom") }.to print_to_stderr("hello\n") }.to raise_error(Wasmtime::Trap)
      expect { expect { program.invoke("boom") }.not_to print_to_stdout }.to raise_error(Wasmtime::Trap)
      expect { expect { program.invoke("boom") }.to print_to_stderr.and print_to_stderr(/h/) }.to raise_error(Wasmtime::Trap)
      expect { program.invoke("boom") }.to print_to_stderr("hello\n").and trap_with(:unreachable_code_reached)
    end

    it "refuse what no text can match" do
      expect { print_to_stdout(5) }.to raise_error(TypeError, "print_to_stdout: expected a String, a Regexp or a matcher, got 5")
      expect { print_to_stderr(:a) }.to raise_error(TypeError, "print_to_stderr: expected a String, a Regexp or a matcher, got :a")
    end
  end

  describe "together", :slow do
    it "look at one run of a block" do
      runs = 0
      run = -> { (runs += 1) && program.invoke("boom") }
      expect(&run).to trap_with(:unreachable_code_reached).and print_to_stderr("hello\n")
      expect(&run).to print_to_stderr("hello\n").and(trap_with.and(print_to_stderr(/h/)))
      expect(&run).to (print_to_stderr(/h/) & trap_with).and(print_to_stderr)
      expect(&run).to exit_with(0).or trap_with
      expect(&run).to exit_with(0) | trap_with
      expect(runs).to eq(5)
    end

    it "show what failed" do
      expect { expect { program.invoke("boom") }.to trap_with.and print_to_stderr("x") }.to fail_with(
        "expected the block to print \"x\" to stderr\nbut it printed \"hello\\n\""
      )
      expect { expect { program.invoke("exit", 1) }.to exit_with(0).or exit_with(2) }.to fail_with(
        /\A\s*expected the block to exit with status 0\n\s*but it exited with status 1\n\n\.\.\.or:\n\n\s*expected the block to exit with status 2/
      )
      expect { expect(5).to trap_with.and exit_with(0) }.to fail_with(/but got 5/)
    end

    it "go with other matchers and other names" do
      count = 0
      expect { (count += 1) && program.invoke("boom") }.to change { count }.by(1).and trap_with
      expect { (count += 1) && program.invoke("boom") }.to trap_with.and change { count }.by(1)
      RSpec::Matchers.alias_matcher(:blow_up, :trap_with)
      extend(RSpec::Matchers)
      expect { program.invoke("boom") }.to print_to_stderr.and blow_up
      RSpec::Matchers.define_negated_matcher(:keep_quiet, :print_to_stdout)
      expect { program.invoke("boom") }.to trap_with.and keep_quiet
    end

    it "nest" do
      expect { expect { program.invoke("boom") }.to trap_with }.to print_to_stderr("hello\n").and exit_with(0)
    end

    it "run on several threads, each about instances of its own example" do
      Array.new(4) { Thread.new { expect { wasm_instance(wat: TestSuites::PROGRAM).invoke("_start") }.to exit_with(3) } }.each(&:join)
    end
  end
end
