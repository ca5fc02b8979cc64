# frozen_string_literal: true

require "json"
require_relative "wast/outcome"

module Conformance
  # What a worker writes, a line for each step, and what its parent makes of it. A process may end at any line.
  class Transcript
    class << self
      def started(line)
        "> #{line}\n"
      end

      def finished(outcome)
        outcome.passed? ? "+ #{outcome.line}\n" : "- #{JSON.generate(outcome.to_a.map { |part| text(part) })}\n"
      end

      def ended
        ".\n"
      end

      private

      # Messages may quote the bytes of a module.
      def text(part)
        part.is_a?(String) ? part.dup.force_encoding(Encoding::UTF_8).scrub("?") : part
      end
    end

    # @return [Integer] how many commands passed
    attr_reader :passed
    # @return [Array<Outcome>]
    attr_reader :failures

    def initialize
      @passed = 0
      @failures = []
      @line = 1
      @ended = false
    end

    # @param text [String] a line of it
    def <<(text)
      kind, rest = text.chomp.split(" ", 2)
      case kind
      when ">" then @line = rest.to_i
      when "+" then @passed += 1
      when "-" then @failures << Outcome.new(*JSON.parse(rest))
      when "." then @ended = true
      end
      self
    end

    # Says that nothing more comes. The command that had begun failed, if the worker did not end by itself.
    # @param reason [String] what became of the process
    def close(reason)
      @failures << Outcome.new(@line, "the command to end", reason, true) unless @ended
      self
    end
  end
end
