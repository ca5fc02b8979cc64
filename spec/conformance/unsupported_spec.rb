# frozen_string_literal: true

require_relative "../../conformance/transcript"
require_relative "../../conformance/unsupported"

RSpec.describe Conformance::Unsupported do
  def transcript(*lines, aborted: false)
    failures = lines.map { |line| Conformance::Outcome.new(line, "1", "2", aborted) }
    instance_double(Conformance::Transcript, failures: failures)
  end

  list = described_class.new("lines.wast" => { "reason" => "a draft", "lines" => [3, 5] }, "whole.wast" => { "reason" => "no such proposal" })

  it "expects nothing to fail in a file it does not name" do
    expect(list.surprises("a.wast", transcript)).to eq []
    expect(list.surprises("a.wast", transcript(4))).to eq ["a.wast:4: expected 1, got 2"]
  end

  it "expects the lines it names to fail, and no others" do
    expect(list.surprises("lines.wast", transcript(3, 5))).to eq []
    expect(list.surprises("lines.wast", transcript(3, 4, 5))).to eq ["lines.wast:4: expected 1, got 2"]
    expect(list.surprises("lines.wast", transcript(3))).to eq ["lines.wast:5 passes: take it off the list of what is not supported"]
  end

  it "expects a file without lines to fail somewhere, and its process to end by itself" do
    expect(list.surprises("whole.wast", transcript(9))).to eq []
    expect(list.surprises("whole.wast", transcript)).to eq ["whole.wast passes: take it off the list of what is not supported"]
    expect(list.surprises("whole.wast", transcript(9, aborted: true))).to eq ["whole.wast:9: expected 1, got 2"]
  end

  it "names its own mistakes" do
    expect(list.mistakes(["lines.wast"])).to eq ["whole.wast is listed as not supported, but is no file of the suite"]
    expect(described_class.new("a.wast" => { "lines" => [1] }).mistakes(["a.wast"])).to eq ["a.wast is listed without a reason"]
  end

  it "gives a reason for each file that is listed in this project" do
    expect(described_class.new.mistakes(YAML.safe_load_file(described_class::LIST).keys)).to eq []
  end
end
