# frozen_string_literal: true

require_relative "pool"
require_relative "suite"
require_relative "unsupported"

module Conformance
  # `rake conformance`: the whole official suite, where everything passes but what the list names.
  class Check
    Count = Struct.new(:files, :passed, :unsupported)

    # @param output [IO]
    # @param suite [Suite]
    # @param unsupported [Unsupported]
    def initialize(output: $stdout, suite: Suite.new, unsupported: Unsupported.new)
      @output = output
      @suite = suite
      @unsupported = unsupported
      @counts = Hash.new { |counts, name| counts[name] = Count.new(0, 0, 0) }
    end

    # @param jobs [Integer]
    # @param options [Hash] as {Job#initialize}
    # @return [Boolean] whether all is as it should be
    def run(jobs, **options)
      files = @suite.files
      surprises = @unsupported.mistakes(files.map { |path| @suite.name(path) })
      Pool.new(jobs, **options).run(files) { |path, transcript| surprises.concat(file(@suite.name(path), transcript)) }
      summary(surprises)
      surprises.empty?
    end

    private

    def file(name, transcript)
      count = @counts[File.dirname(name)]
      count.files += 1
      count.passed += transcript.passed
      count.unsupported += transcript.failures.size if @unsupported.listed?(name)
      @unsupported.surprises(name, transcript)
    end

    def summary(surprises)
      @counts.each { |name, count| @output.puts("#{name}: #{describe(count)}") }
      surprises.each { |surprise| @output.puts(surprise.split.join(" ")) }
      total = @counts.values.each_with_object(Count.new(0, 0, 0)) { |count, sum| sum.each_pair { |key, value| sum[key] = value + count[key] } }
      @output.puts("#{describe(total)}, #{surprises.size} not as they should be")
    end

    def describe(count)
      "#{count.files} files, #{count.passed} commands passed, #{count.unsupported} not supported by Wasmtime"
    end
  end
end
