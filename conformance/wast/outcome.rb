# frozen_string_literal: true

module Conformance
  # A command that did not do what the script says.
  class Mismatch < StandardError
    # @return [String]
    attr_reader :expected
    # @return [String]
    attr_reader :got

    def initialize(expected, got)
      super("expected #{expected}, got #{got}")
      @expected = expected
      @got = got
    end
  end

  # What became of a command: where it stands, and what was expected and happened if it failed.
  Outcome = Struct.new(:line, :expected, :got, :aborted) do
    # @return [Boolean] whether the process lived to tell it
    def completed?
      !aborted
    end

    # @return [Boolean]
    def passed?
      expected.nil?
    end
  end
end
