# frozen_string_literal: true

require_relative "wast"
require_relative "engine_options"
require_relative "transcript"

module Conformance
  # Runs one file in a process of its own and tells the process that started it how it goes.
  class Worker
    # @param path [String]
    # @param compiler [String]
    # @param output [IO]
    def initialize(path, compiler, output)
      @path = path
      @compiler = compiler
      @output = output
      @output.sync = true
    end

    def run
      start(1)
      script = Script.new(File.binread(@path))
      script.run(Wasmtime::Engine.new(**EngineOptions.for(@path, script.options, @compiler)), self)
    rescue *Commands::ERRORS => e
      finish(Outcome.new(1, "a script that can be run", "#{e.class}: #{e.message}"))
    ensure
      @output.write(Transcript.ended)
    end

    # @param line [Integer] of the command that comes next
    def start(line)
      @output.write(Transcript.started(line))
    end

    # @param outcome [Outcome]
    def finish(outcome)
      @output.write(Transcript.finished(outcome))
    end
  end
end

Conformance::Worker.new(*ARGV, $stdout).run if $PROGRAM_NAME == __FILE__
