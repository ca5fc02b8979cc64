# frozen_string_literal: true

require_relative "../../conformance/transcript"

RSpec.describe Conformance::Transcript do
  outcome = Conformance::Outcome

  def transcript(*lines)
    lines.each_with_object(described_class.new) { |line, transcript| transcript << line }
  end

  it "counts what passed and keeps what failed" do
    told = transcript(described_class.started(1), described_class.finished(outcome.new(1)), described_class.started(2),
                      described_class.finished(outcome.new(2, "a\nb", "c \xFF")), described_class.ended).close("status 0")
    expect(told.passed).to eq 1
    expect(told.failures.map(&:to_a)).to eq [[2, "a\nb", "c ?", nil]]
  end

  it "lets the command fail that a process ended in" do
    told = transcript(described_class.started(1), described_class.finished(outcome.new(1)), described_class.started(7)).close("SIGSEGV")
    expect([told.passed, told.failures.map(&:to_a)]).to eq [1, [[7, "the command to end", "SIGSEGV", true]]]
  end

  it "lets a process fail that said nothing" do
    expect(transcript.close("status 1").failures.map(&:line)).to eq [1]
  end
end
