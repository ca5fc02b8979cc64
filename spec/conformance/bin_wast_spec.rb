# frozen_string_literal: true

require "open3"
require "rbconfig"
require "tmpdir"

RSpec.describe "bin/wast" do
  around { |example| Dir.mktmpdir { |folder| (@folder = folder) && example.run } }

  def wast(*arguments)
    output, error, status = Open3.capture3(RbConfig.ruby, File.expand_path("../../bin/wast", __dir__), *arguments, chdir: @folder)
    [output.lines(chomp: true), error, status.exitstatus]
  end

  def write(name, source)
    File.binwrite(File.join(@folder, name), source)
    name
  end

  good = '(module (func (export "f") (result i32) (i32.const 1)))(assert_return (invoke "f") (i32.const 1))'
  bad = "(module (func (export \"f\") (result i32) (i32.const 1)))\n(assert_return (invoke \"f\")\n  (i32.const 2))"

  it "counts for each file and for all, and succeeds when everything passes" do
    expect(wast(write("a.wast", good), write("b.wast", "(module)")))
      .to eq [["a.wast: 2 passed, 0 failed", "b.wast: 1 passed, 0 failed", "3 passed, 0 failed"], "", 0]
  end

  it "names file, line, expected and got of a failure, and fails" do
    expect(wast(write("a.wast", good), write("b.wast", bad)))
      .to eq [["a.wast: 2 passed, 0 failed", "b.wast:2: expected (i32.const 2), got (i32.const 1)", "b.wast: 1 passed, 1 failed",
               "3 passed, 1 failed"], "", 1]
  end

  it "fails a script that cannot be read" do
    lines, = wast(write("a.wast", "(module"))
    expect(lines).to eq ["a.wast:1: expected a script that can be run, got Conformance::Malformed: line 1: a parenthesis is not closed",
                         "a.wast: 0 passed, 1 failed", "0 passed, 1 failed"]
  end

  it "fails a script whose options no engine has" do
    lines, = wast(write("a.wast", ";;! no_such = true\n(module)"))
    expect(lines.first).to eq "a.wast:1: expected a script that can be run, got Conformance::Malformed: no_such is no option of the runner"
  end

  it "goes through folders, in the order of their names" do
    write("a.wast", "(module)")
    write("b.txt", "no script")
    Dir.mkdir(File.join(@folder, "d"))
    write("d/c.wast", "")
    expect(wast(".").first).to eq ["./a.wast: 1 passed, 0 failed", "./d/c.wast: 0 passed, 0 failed", "1 passed, 0 failed"]
  end

  %w[cranelift winch pulley].each do |engine|
    it "runs with --engine #{engine}" do
      expect(wast("--engine", engine, write("a.wast", good))).to eq [["a.wast: 2 passed, 0 failed", "2 passed, 0 failed"], "", 0]
    end
  end

  it "refuses options of an engine that its compiler has not" do
    lines, _, status = wast("--engine", "winch", write("a.wast", ";;! gc = true\n(module)"))
    expect(lines.first).to match(/\Aa.wast:1: expected a script that can be run, got Wasmtime::Error: .*not supported/)
    expect(status).to eq 1
  end

  it "gives files in their order, with several at a time" do
    names = Array.new(5) { |index| write("#{index}.wast", "(module)\n" * index) }
    lines = names.map.with_index { |name, index| "#{name}: #{index} passed, 0 failed" }
    expect(wast("--jobs", "3", *names).first).to eq [*lines, "10 passed, 0 failed"]
  end

  it "ends a file that takes too long, and goes on" do
    endless = write("a.wast", "(module (func (export \"f\") (loop (br 0))))\n(invoke \"f\")")
    expect(wast("--timeout", "2", "--jobs", "1", endless, write("b.wast", good)).first)
      .to eq ["a.wast:2: expected the command to end, got nothing after 2.0 seconds", "a.wast: 1 passed, 1 failed",
              "b.wast: 2 passed, 0 failed", "3 passed, 1 failed"]
  end

  it "survives a process that aborts" do
    script = write("a.wast", "(module)\n(module)")
    output, = Open3.capture2({ "RUBYOPT" => "-r#{write_abort}" }, RbConfig.ruby, File.expand_path("../../bin/wast", __dir__), script, chdir: @folder)
    expect(output.lines(chomp: true)).to match [a_string_starting_with("a.wast:2: expected the command to end, got the process ended with SIGABRT"),
                                                "a.wast: 1 passed, 1 failed", "1 passed, 1 failed"]
  end

  # A file that makes each worker abort at its second module.
  def write_abort
    File.join(@folder, write("abort.rb", <<~RUBY))
      modules = 0
      TracePoint.trace(:call) do |call|
        Process.abort_now if call.method_id == :add_module && (modules += 1) > 1
      end
      def Process.abort_now = kill(:ABRT, $$) && sleep
    RUBY
  end

  {
    %w[--engine v8] => "invalid argument: --engine v8", %w[--jobs 0] => "invalid argument: --jobs 0",
    %w[--jobs many] => "invalid argument: --jobs many",
    %w[--no-such] => "invalid option: --no-such", %w[no_such.wast] => "there is no file or folder no_such.wast"
  }.each do |arguments, message|
    it("says what is wrong with #{arguments.join(' ')}") { expect(wast(*arguments)).to eq [[], "wast: #{message}\n", 2] }
  end

  it "explains itself" do
    lines, error, status = wast("--help")
    expect(lines.first).to eq "usage: bin/wast [options] [PATH...]"
    expect([error, status]).to eq ["", 0]
  end
end
