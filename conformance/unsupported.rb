# frozen_string_literal: true

require "yaml"

module Conformance
  # What Wasmtime itself does not support: files of the official suite, each with a reason and the lines of the commands that fail. A file
  # without lines fails somewhere, but its process comes to its end.
  class Unsupported
    LIST = File.join(__dir__, "unsupported.yml")

    # @param entries [Hash{String => Hash}]
    def initialize(entries = YAML.safe_load_file(LIST))
      @entries = entries
    end

    # @param name [String] of a file
    # @return [Boolean]
    def listed?(name)
      @entries.key?(name)
    end

    # What is not as the list says.
    # @param name [String]
    # @param transcript [Transcript]
    # @return [Array<String>]
    def surprises(name, transcript)
      entry = @entries.fetch(name) { { "lines" => [] } }
      return unexpected(name, transcript.failures.reject(&:completed?)) + whole(name, transcript) unless entry.key?("lines")

      failed = transcript.failures.group_by(&:line)
      unexpected(name, failed.except(*entry["lines"]).values.flatten) +
        (entry["lines"] - failed.keys).map { |line| "#{name}:#{line} passes: take it off the list of what is not supported" }
    end

    # Entries that say nothing.
    # @param names [Array<String>] of all files
    # @return [Array<String>]
    def mistakes(names)
      (@entries.keys - names).map { |name| "#{name} is listed as not supported, but is no file of the suite" } +
        @entries.select { |_, entry| entry["reason"].to_s.empty? }.keys.map { |name| "#{name} is listed without a reason" }
    end

    private

    def unexpected(name, failures)
      failures.map { |failure| "#{name}:#{failure.line}: expected #{failure.expected}, got #{failure.got}" }
    end

    def whole(name, transcript)
      transcript.failures.empty? ? ["#{name} passes: take it off the list of what is not supported"] : []
    end
  end
end
