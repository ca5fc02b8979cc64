# frozen_string_literal: true

require "etc"
require "optparse"
require_relative "engine_options"
require_relative "pool"
require_relative "report"
require_relative "suite"

module Conformance
  # `bin/wast`: its arguments, and its exit status.
  class CommandLine
    # Seconds a file may take.
    TIMEOUT = 300

    # @param output [IO]
    # @param errors [IO]
    def initialize(output: $stdout, errors: $stderr)
      @output = output
      @errors = errors
      @options = { jobs: Etc.nprocessors, compiler: "cranelift", timeout: TIMEOUT }
    end

    # @param arguments [Array<String>]
    # @return [Integer] 0 when everything passed, 1 when something failed, 2 when the arguments are wrong
    def run(arguments)
      paths = scripts(parser.parse(arguments))
      return 0 if @helped

      report = Report.new(@output)
      Pool.new(@options[:jobs], **@options.slice(:compiler, :timeout)).run(paths) { |path, transcript| report.file(path, transcript) }
      report.total
      report.failed.zero? ? 0 : 1
    rescue OptionParser::ParseError, Suite::Missing => e
      @errors.puts "wast: #{e.message}"
      2
    end

    private

    def parser
      OptionParser.new do |parser|
        parser.banner = "usage: bin/wast [options] [PATH...]\n\nRuns .wast files and folders of them; without a path, the official suite.\n\n"
        parser.on("--engine NAME", EngineOptions::COMPILERS.keys, "cranelift (the default), winch or pulley") { |name| @options[:compiler] = name }
        parser.on("--jobs N", OptionParser::DecimalInteger, "files at a time (#{@options[:jobs]})") { |n| @options[:jobs] = positive(n) }
        parser.on("--timeout SECONDS", Float, "for each file (#{TIMEOUT})") { |seconds| @options[:timeout] = positive(seconds) }
        parser.on("--help", "prints this") { @helped = @output.puts(parser.help) || true }
      end
    end

    def positive(number)
      number.positive? ? number : raise(OptionParser::InvalidArgument, number.to_s)
    end

    def scripts(paths)
      return [] if @helped
      return Suite.new.files if paths.empty?

      paths.flat_map { |path| expand(path) }.uniq
    end

    def expand(path)
      return Dir[File.join(path, "**/*.wast")] if File.directory?(path)
      return [path] if File.file?(path)

      raise Suite::Missing, "there is no file or folder #{path}"
    end
  end
end
