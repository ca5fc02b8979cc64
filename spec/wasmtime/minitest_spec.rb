# frozen_string_literal: true

# Suites of Minitest in a process of their own.
RSpec.describe "wasmtime/minitest", :slow do
  # Failures and errors of a suite by the name of their test.
  def failures(output)
    output.scan(/^(?:Failure|Error):\nSuiteTest#test_(\w+)(.*?)(?=^(?:Failure|Error|Finished)\b|\z)/m).to_h
  end

  def summary(output)
    output[/\d+ runs, .*/]
  end

  passing = <<~'RUBY'
    def program = @program ||= wasm_instance("program.wat", memory_size: 1 << 20)
    def scale = wasm_instance("scale.wat", imports: { "test:host/scale" => { factor: ->(name) { name.size } } })
    def result = Wasmtime::RunResult.new(status: 2, stdout: "a", stderr: "b", truncated: false, error: nil, usage: nil)

    def test_functions
      assert_export_func wasm_fixture("program.wat"), :add, with: %i[i32 i32], returning: :i32
      assert_export_func program, :boom, with: [], returning: []
      refute_export_func program, :add, with: :i32
      assert_export_func scale, :scale_by, with: { number: :u32 }
      assert_import_func scale, "test:host/scale", "factor", returning: :u32
      refute_import_func wasm_fixture("program.wat"), "env", "log"
    end

    def test_traps
      trap = assert_trap_with(:unreachable_code_reached) { program.invoke("boom") }
      assert_equal :unreachable_code_reached, trap.code
      assert_trap_with { scale.invoke("boom") }
      refute_trap_with { program.invoke("add", 1, 2) }
    end

    def test_exits
      assert_exit_with(3) { program.invoke("_start") }
      refute_exit_with(0..2) { program.invoke("_start") }
      assert_exit_with(1) { scale.invoke("fail") }
      assert_exit_with(2, result)
      refute_exit_with(0, result)
    end

    def test_limits
      assert_exceed_fuel { wasm_instance("program.wat", fuel: 100).invoke("spin") }
      refute_exceed_fuel { program.invoke("add", 1, 2) }
      assert_exceed_memory { program.invoke("grow", 100) }
      refute_exceed_memory { program.invoke("grow", 1) }
      assert_time_out { program.invoke("spin", timeout: 0.01) }
      refute_time_out { program.invoke("add", 1, 2) }
      refute_time_out result
    end

    def test_output
      assert_print_to_stdout("hello\n") { assert_exit_with(3) { program.invoke("_start") } }
      assert_print_to_stderr(/hel/) { program.invoke("print", 2) }
      refute_print_to_stdout { program.invoke("print", 2) }
      refute_print_to_stderr("hello\n") { program.invoke("print", 1) }
      assert_print_to_stdout("a", result)
      assert_print_to_stderr("b", result)
    end
  RUBY

  it "gives tests what they need" do
    output, status = run_minitest(passing)
    expect(summary(output)).to eq("5 runs, 29 assertions, 0 failures, 0 errors, 0 skips"), output
    expect(status).to be_success
  end

  it "does so for tests that run in parallel" do
    code = "parallelize_me!\n#{passing}"
    output, status = run_minitest("#{code}\n20.times { |n| define_method(:\"test_sum_\#{n}\") { assert_equal n + 1, program.invoke('add', n, 1) } }")
    expect(summary(output)).to match(/\A25 runs, \d+ assertions, 0 failures, 0 errors/), output
    expect(status).to be_success
  end

  it "shows both sides of what fails, and where" do
    output, status = run_minitest(<<~RUBY)
      def program = wasm_instance("program.wat")
      def test_type = assert_export_func(program, :add, returning: :i64)
      def test_not_type = refute_export_func(program, :add)
      def test_trap = assert_trap_with(:stack_overflow) { program.invoke("boom") }
      def test_exit = assert_exit_with(0) { program.invoke("_start") }
      def test_output = assert_print_to_stdout("bye") { program.invoke("_start") }
      def test_surprise = refute_trap_with(:stack_overflow) { program.invoke("boom") }
      def test_code = assert_trap_with(:stack_overflw) { }
      def test_neither = assert_exit_with(0)
      def test_both = assert_exceed_fuel(5) { }
      def test_subject = assert_time_out(5)
      def test_text = assert_print_to_stdout(5) { }
      def test_no_name = assert_export_func(program)
      def test_no_type = assert_export_func(program, :add, with: :i33)
    RUBY
    found = failures(output)
    expect(status.exitstatus).to eq(1)
    expect(summary(output)).to eq("13 runs, 6 assertions, 6 failures, 7 errors, 0 skips"), output
    {
      "type" => /suite_test\.rb:6\]:\nexpected .* to export the function\n  add\(\.\.\.\) -> i64\nbut it exports\n  add\(i32, i32\) -> i32$/,
      "not_type" => /not to export the function\n  add\(\.\.\.\) -> \.\.\.\nbut it exports\n  add\(i32, i32\) -> i32$/,
      "trap" => /suite_test\.rb:8\]:\nexpected the block to trap with :stack_overflow\nbut it trapped with :unreachable_code_reached/,
      "exit" => /expected the block to exit with status 0\nbut it exited with status 3\nit wrote to stdout: "hello\\n"/,
      "output" => /expected the block to print "bye" to stdout\nbut it printed "hello\\n"/,
      "surprise" => /Wasmtime::Trap: wasm trap: wasm `unreachable` instruction executed/,
      "code" => /ArgumentError: there is no trap code :stack_overflw, did you mean :stack_overflow\?/,
      "neither" => /ArgumentError: give either a block or what Wasmtime\.run returned, got neither/,
      "both" => /ArgumentError: give either a block or what Wasmtime\.run returned, not both/,
      "subject" => /expected a block, or what Wasmtime\.run returned, to time out\nbut got 5/,
      "text" => /TypeError: print_to_stdout: expected a String, a Regexp or a matcher, got 5/,
      "no_name" => /ArgumentError: export_func: name the function/,
      "no_type" => /ArgumentError: there is no type :i33/
    }.each { |name, text| expect(found[name]).to match(text), "#{name}: #{output}" }
  end

  it "closes stores after each test, also after those that fail" do
    output, = run_minitest(<<~RUBY)
      STORES = []
      def setup = STORES << wasm_instance("program.wat").store
      def test_passes = assert(true)
      def test_fails = flunk
      def test_raises = raise("mine")
      def test_skips = skip
      def teardown = refute(STORES.last.closed?)
      Minitest.after_run { puts "closed: \#{STORES.map(&:closed?)}" }
    RUBY
    expect(summary(output)).to eq("4 runs, 6 assertions, 1 failures, 1 errors, 1 skips"), output
    expect(output).to include("closed: [true, true, true, true]")
  end

  it "ends a guest that loops for ever, and goes on" do
    output, = run_minitest(<<~RUBY, before: "Wasmtime::Testing.default_timeout = 0.05")
      def test_loops = wasm_instance("program.wat").invoke("spin")
      def test_goes_on = assert_equal(3, wasm_instance("program.wat").invoke("add", 1, 2))
    RUBY
    expect(summary(output)).to eq("2 runs, 1 assertions, 0 failures, 1 errors, 0 skips"), output
    expect(failures(output)["loops"]).to include("Wasmtime::TimeoutError: the call did not end within its timeout")
  end

  it "fails tests that leave stores open, in parallel too, and says where they were opened" do
    ["", "parallelize_me!"].each do |parallel|
      output, = run_minitest(<<~RUBY, before: "Wasmtime::Testing.fail_on_leak = true")
        #{parallel}
        def test_leaks = Wasmtime::Store.new
        def test_closes = Wasmtime::Store.new.close
        def test_closes_later = @store = Wasmtime::Store.new
        def teardown = @store&.close
        def test_fails = Wasmtime::Store.new && raise("mine")
        10.times { |n| define_method(:"test_opens_\#{n}") { Wasmtime::Store.open { wasm_instance("program.wat").invoke("add", n, n) } } }
      RUBY
      expect(summary(output)).to eq("14 runs, 0 assertions, 1 failures, 1 errors, 0 skips"), output
      expect(failures(output).keys).to contain_exactly("leaks", "fails")
      expect(failures(output)["leaks"]).to match(/suite_test\.rb:6\]:\na store was opened and not closed, at\n  \S+suite_test\.rb:6\nClose it/)
    end
  end

  it "runs tests in forked children" do
    output, = run_minitest(<<~RUBY)
      def test_children
        parent = wasm_instance("program.wat")
        reader, writer = IO.pipe
        pid = fork do
          writer.write(wasm_instance("program.wat").invoke("add", 1, 2))
          exit!(0)
        end
        writer.close
        Process.wait(pid)
        assert_equal ["3", 4], [reader.read, parent.invoke("add", 2, 2)]
      end
    RUBY
    expect(summary(output)).to eq("1 runs, 1 assertions, 0 failures, 0 errors, 0 skips"), output
  end

  it "does not need RSpec" do
    expect(output_of('require "wasmtime/minitest"; p defined?(RSpec), Minitest::Test.method_defined?(:wasm_instance)')).to eq("nil\ntrue")
  end
end
