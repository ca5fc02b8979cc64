# frozen_string_literal: true

require "tmpdir"
require_relative "../../conformance/wast"
require_relative "../../conformance/transcript"

# Runs scripts in this process.
module ScriptRuns
  # Keeps what became of each command.
  class Recorder
    attr_reader :outcomes

    def initialize
      @outcomes = Thread::Queue.new
    end

    def start(_line); end

    def finish(outcome)
      @outcomes << outcome
    end

    def to_a
      Array.new(@outcomes.size) { @outcomes.pop }
    end
  end

  # @return [Array<Conformance::Outcome>]
  def run_script(source)
    script = Conformance::Script.new(source)
    recorder = Recorder.new
    script.run(Wasmtime::Engine.new(**Conformance::FileOptions.engine(script.options)), recorder)
    recorder.to_a
  end

  # @return [Array<String>] what failed, with its line
  def failures(source)
    run_script(source).reject(&:passed?).map { |outcome| "#{outcome.line}: expected #{outcome.expected}, got #{outcome.got}" }
  end
end
