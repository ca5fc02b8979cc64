# frozen_string_literal: true

module Conformance
  # Prints what became of each file, and counts.
  class Report
    # More of a message is its source text.
    LENGTH = 600

    # @return [Integer]
    attr_reader :passed, :failed

    # @param output [IO]
    def initialize(output)
      @output = output
      @passed = 0
      @failed = 0
    end

    # @param path [String]
    # @param transcript [Transcript]
    def file(path, transcript)
      @passed += transcript.passed
      @failed += transcript.failures.size
      transcript.failures.each { |failure| @output.puts(line(path, failure)) }
      @output.puts("#{path}: #{count(transcript.passed, transcript.failures.size)}")
    end

    # The last line.
    def total
      @output.puts(count(@passed, @failed))
    end

    private

    def line(path, failure)
      "#{path}:#{failure.line}: expected #{brief(failure.expected)}, got #{brief(failure.got)}"
    end

    def count(passed, failed)
      "#{passed} passed, #{failed} failed"
    end

    def brief(text)
      text = text.split.join(" ")
      text.size > LENGTH ? "#{text[0, LENGTH]}..." : text
    end
  end
end
