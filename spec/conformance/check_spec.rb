# frozen_string_literal: true

require "stringio"
require "tmpdir"
require_relative "../../conformance/check"

RSpec.describe Conformance::Check do
  around { |example| Dir.mktmpdir { |folder| (@folder = folder) && example.run } }

  # Runs a suite of two files, one of which fails in its second line.
  def check(unsupported)
    { "good.wast" => "(module)", "bad.wast" => "(module)\n(invoke \"f\")" }.each { |name, source| File.write(File.join(@folder, name), source) }
    suite = instance_double(Conformance::Suite, files: Dir[File.join(@folder, "*.wast")])
    allow(suite).to receive(:name) { |path| "v/#{File.basename(path)}" }
    output = StringIO.new
    passed = described_class.new(output: output, suite: suite, unsupported: Conformance::Unsupported.new(unsupported))
                            .run(2, compiler: "cranelift", timeout: 60)
    [passed, output.string.lines(chomp: true)]
  end

  it "fails when a file fails that is not listed" do
    passed, lines = check({})
    expect(passed).to be false
    expect(lines).to match ["v: 2 files, 2 commands passed, 0 not supported by Wasmtime",
                            a_string_starting_with("v/bad.wast:2: expected invoke to succeed"),
                            "2 files, 2 commands passed, 0 not supported by Wasmtime, 1 not as they should be"]
  end

  it "passes when what fails is listed" do
    passed, lines = check("v/bad.wast" => { "reason" => "it is bad", "lines" => [2] })
    expect(passed).to be true
    expect(lines.last).to eq "2 files, 2 commands passed, 1 not supported by Wasmtime, 0 not as they should be"
  end

  it "fails when a listed file passes" do
    passed, lines = check("v/bad.wast" => { "reason" => "it is bad" }, "v/good.wast" => { "reason" => "it is good" })
    expect(passed).to be false
    expect(lines).to include "v/good.wast passes: take it off the list of what is not supported"
  end

  it "fails when a file is listed that is not there" do
    expect(check("v/bad.wast" => { "reason" => "it is bad" }, "v/no_such.wast" => { "reason" => "none" }).first).to be false
  end
end
