# frozen_string_literal: true

# Suites of RSpec in a process of their own.
RSpec.describe "wasmtime/rspec", :slow do
  # The failures of a suite by the description of their example.
  def failures(output)
    output.scan(/^  \d+\) suite (.*?)\n(.*?)(?=^  \d+\) |^Finished)/m).to_h { |name, text| [name, text] }
  end

  it "gives examples what they need" do
    output, status = run_rspec(<<~'RUBY')
      let(:program) { wasm_instance("program.wat", memory_size: 1 << 20) }
      before { @before = wasm_instance(wat: "(module)") }
      after { expect([program.store.closed?, @before.store.closed?]).to eq([false, false]) }

      it("exports") { expect(wasm_fixture("program.wat")).to export_func(:add).with(:i32, :i32).returning(:i32) }
      it("imports") { expect(wasm_fixture("scale.wat")).to import_func("test:host/scale", "factor") }
      it("traps") { expect { program.invoke("boom") }.to trap_with(:unreachable_code_reached).and print_to_stderr(/hello/) }
      it("exits") { expect { program.invoke("_start") }.to exit_with(3).and print_to_stdout("hello\n") }
      it("burns") { expect { wasm_instance("program.wat", fuel: 100).invoke("spin") }.to exceed_fuel }
      it("grows") { expect { program.invoke("grow", 100) }.to exceed_memory }
      it("spins") { expect { program.invoke("spin", timeout: 0.01) }.to time_out }
      it "serves components" do
        scale = wasm_instance("scale.wat", imports: { "test:host/scale" => { factor: ->(name) { name.size } } })
        expect(scale.functions.scale_by(7)).to eq(42)
        expect { scale.invoke("boom") }.to trap_with(:unreachable_code_reached)
      end
      describe Wasmtime::Testing.fixture("program.wat") do
        it { is_expected.to export_func(:add) }
      end
    RUBY
    expect(output).to include("9 examples, 0 failures"), output
    expect(status).to be_success
  end

  it "shows both sides of what fails, and where" do
    output, status = run_rspec(<<~RUBY)
      it("type") { expect(wasm_fixture("program.wat")).to export_func(:add).returning(:i64) }
      it("trap") { expect { wasm_instance("program.wat").invoke("boom") }.to trap_with(:stack_overflow) }
      it("code") { expect { nil }.to trap_with(:stack_overflw) }
      it("surprise") { expect { wasm_instance("program.wat").invoke("boom") }.to print_to_stderr }
      it("output") { expect { wasm_instance("program.wat").invoke("_start") }.to print_to_stdout("bye") }
    RUBY
    found = failures(output)
    expect(output).to include("5 examples, 5 failures"), output
    expect(status.exitstatus).to eq(1)
    expect(found["type"]).to match(/ +add\(\.\.\.\) -> i64\n +but it exports\n +add\(i32, i32\) -> i32\n +# \.\S+suite_spec\.rb:3:/)
    expect(found["trap"]).to match(/trap with :stack_overflow\n +but it trapped with :unreachable_code_reached: .*\n.*\n +it wrote to.*: "hello\\n"/)
    expect(found["code"]).to match(/ArgumentError:\n +there is no trap code :stack_overflw, did you mean :stack_overflow\?/)
    expect(found["surprise"]).to match(/Wasmtime::Trap:\n +wasm trap: wasm `unreachable` instruction executed/)
    expect(found["output"]).to match(/expected the block to print "bye" to stdout\n +but it printed "hello\\n"/)
    expect(output).not_to match(%r{^ +# .*lib/wasmtime/testing/})
  end

  it "ends a guest that loops for ever, and goes on" do
    output, = run_rspec(<<~RUBY, "--order", "defined")
      before(:context) { Wasmtime::Testing.default_timeout = 0.05 }
      it("loops") { wasm_instance("program.wat").invoke("spin") }
      it("goes on") { expect(wasm_instance("program.wat").invoke("add", 1, 2)).to eq(3) }
    RUBY
    expect(output).to include("2 examples, 1 failure"), output
    expect(failures(output)["loops"]).to match(/Wasmtime::TimeoutError:\n +the call did not end within its timeout/)
  end

  it "closes stores after each example, also after those that fail or are skipped" do
    output, = run_rspec(<<~RUBY, "--order", "defined")
      stores = []
      it("passes") { stores << wasm_instance("program.wat").store }
      it("fails") { (stores << wasm_instance("program.wat").store) && raise }
      it("skips") { (stores << wasm_instance("program.wat").store) && skip }
      it("is half done") { pending; stores << wasm_instance("program.wat").store; raise }
      it("traps") { (stores << (program = wasm_instance("program.wat")).store) && program.invoke("boom") }
      it("closed them") { expect(stores.map(&:closed?)).to eq([true] * 5) }
    RUBY
    expect(output).to include("6 examples, 2 failures, 2 pending"), output
  end

  it "fails an example whose guest cannot be stopped, and goes on" do
    output, = run_rspec(<<~RUBY, "--order", "defined")
      session = Wasmtime::Testing.const_get(:Session)
      session.send(:remove_const, :PATIENCE)
      session.const_set(:PATIENCE, 0)
      wat = '(module (import "e" "wait" (func $w)) (func (export "f") (call $w)))'
      it "leaves a thread behind", wasmtime_fail_on_leak: true do
        begun = Queue.new
        instance = wasm_instance(wat: wat, imports: { "e" => { wait: -> { begun << 1; sleep } } })
        Thread.new { instance.invoke("f") }
        begun.pop
      end
      it("goes on", wasmtime_fail_on_leak: true) { wasm_instance("program.wat").invoke("add", 1, 2) }
    RUBY
    expect(output).to include("2 examples, 1 failure"), output
    expect(failures(output)["leaves a thread behind"]).to match(/1 of the stores of wasm_instance cannot be closed, because a thread still runs/)
  end

  it "refuses instances outside of examples" do
    output, = run_rspec(<<~RUBY)
      before(:context) { wasm_instance("program.wat") }
      it("never runs") { }
    RUBY
    expect(output).to match(/work in examples and their hooks only, because stores are closed after each example; elsewhere use wasm_fixture/)
  end

  it "runs instances on threads of an example, and in forked children" do
    output, = run_rspec(<<~'RUBY')
      it "has threads" do
        sums = Array.new(4) { |n| Thread.new { wasm_instance("program.wat").invoke("add", n, 1) } }.map(&:value)
        expect(sums).to eq([1, 2, 3, 4])
      end
      it "has children" do
        parent = wasm_instance("program.wat")
        reader, writer = IO.pipe
        pid = fork do
          writer.write(wasm_instance("program.wat").invoke("add", 1, 2))
          exit!(0)
        end
        writer.close
        Process.wait(pid)
        expect([reader.read, parent.invoke("add", 2, 2)]).to eq(["3", 4])
      end
      it "has children that end as they like" do
        parent = wasm_instance("program.wat")
        pid = fork { }
        Process.wait(pid)
        expect(parent.store).not_to be_closed
      end
    RUBY
    expect(output).to include("3 examples, 0 failures"), output
  end

  describe "with fail_on_leak" do
    it "fails examples that leave stores open, and says where they were opened" do
      output, = run_rspec(<<~RUBY, "--order", "defined")
        before(:context) { @shared = Wasmtime::Store.new }
        before(:context) { Wasmtime::Testing.fail_on_leak = true }
        let(:kept) { Wasmtime::Store.new }
        it("leaks one") { kept }
        it("leaks three") { 2.times { Wasmtime::Store.new }; Wasmtime::Store.new }
        it("leaks what is garbage") { Wasmtime::Store.new; GC.start }
        it("leaks from a thread") { Thread.new { Wasmtime::Store.new }.join }
        it("closes") { Wasmtime::Store.new.close; Wasmtime::Store.open { }; wasm_instance("program.wat"); @shared }
        it("closes in a hook") { kept }
        after { |example| kept.close if example.description == "closes in a hook" }
        it("fails otherwise") { kept; raise "mine" }
        it("is excused", wasmtime_fail_on_leak: false) { kept }
        it("calls what makes stores of its own") { Wasmtime::Linker.new.instantiate_pre(wasm_fixture("program.wat")) rescue nil }
      RUBY
      found = failures(output)
      expect(found.keys).to eq(["leaks one", "leaks three", "leaks what is garbage", "leaks from a thread", "fails otherwise"]), output
      expect(found["leaks one"]).to match(/a store was opened and not closed, at\n +\S+suite_spec\.rb:5\n +Close it \(Store#close\), open it/)
      expect(found["leaks one"]).to include("let(:kept) { Wasmtime::Store.new }")
      expect(found["leaks three"]).to match(/3 stores were opened and not closed, at\n +\S+suite_spec\.rb:7 \(3 times\)/)
      expect(found["fails otherwise"]).to include("mine")
      expect(found["fails otherwise"]).not_to include("not closed")
    end

    it "does so for those that ask for it, and names some places of many" do
      output, = run_rspec(<<~RUBY)
        it("is not asked") { Wasmtime::Store.new }
        it("asks", wasmtime_fail_on_leak: true) do
          #{Array.new(7, '  Wasmtime::Store.new').join("\n")}
        end
      RUBY
      expect(failures(output).keys).to eq(["asks"]), output
      expect(failures(output)["asks"]).to match(/7 stores were opened .*suite_spec\.rb:9\n +and 2 more places\n/m)
    end
  end

  it "tells where it looked for a fixture" do
    output, = run_rspec('it("looks") { wasm_fixture("programm.wat") }')
    expect(failures(output)["looks"]).to match(%r{"programm\.wat": there is no file \S+/spec/fixtures/programm\.wat, did you mean "program\.wat"\?})
  end
end
