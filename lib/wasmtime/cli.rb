# frozen_string_literal: true

require "optparse"
require_relative "version"
require_relative "cli/command"
require_relative "cli/sentence"

module Wasmtime
  # The program `wasmtime-rb`: it inspects, runs and compiles WebAssembly files, and finds out whether this gem works here.
  #
  # The native extension is loaded by the commands that need it, so that `doctor` can say why it cannot be.
  module CLI
    # The commands, and what each does.
    COMMANDS = {
      "inspect" => "show what a file imports, exports and needs",
      "run" => "run a program, or call a function",
      "compile" => "compile a file to native code",
      "doctor" => "check whether this gem works on this machine"
    }.freeze
    HELP = <<~TEXT.freeze
      Usage: wasmtime-rb COMMAND [OPTIONS] [ARGUMENTS]

      Commands:
      #{COMMANDS.map { |name, summary| "    #{name.ljust(9)}#{summary}" }.join("\n")}

      wasmtime-rb COMMAND --help tells more of each.

      Options:
          -h, --help     show this text
              --version  show the versions of the gem, of Wasmtime and of Ruby

      Exit status:
          0    it worked
          1    it failed: standard error says why
          2    the command line is wrong
          run has the status of the program, or 124 (timeout) or 134 (trap)
    TEXT
    # What a shell reports for a program that wrote to a pipe nobody reads.
    BROKEN_PIPE = 141
    private_constant :COMMANDS, :HELP, :BROKEN_PIPE

    class << self
      # Runs a command line. What goes wrong is one sentence on standard error.
      #
      # @param argv [Array<String>] the words after the program's name
      # @param stdin [IO, StringIO] what a guest reads
      # @param stdout [IO, StringIO] where results go
      # @param stderr [IO, StringIO] where complaints go
      # @return [Integer] the exit status: 0 when it worked, 1 when it failed, 2 for a wrong command line; for `run` the status of the program, 124
      #   after a timeout and 134 after a trap; 141 when nobody reads standard output
      # @example
      #   exit Wasmtime::CLI.start(ARGV)
      def start(argv, stdin: $stdin, stdout: $stdout, stderr: $stderr)
        status = dispatch(argv.dup, [stdin, stdout, stderr])
        stdout.flush
        status
      rescue Errno::EPIPE
        BROKEN_PIPE
      rescue UsageError, OptionParser::ParseError => e
        complain(stderr, "#{Sentence.of(e)} (see wasmtime-rb #{"#{argv.first} " if COMMANDS.key?(argv.first)}--help)", 2)
      rescue StandardError, LoadError, NoMemoryError => e
        complain(stderr, Sentence.of(e), 1)
      end

      private

      def dispatch(argv, streams)
        name = argv.shift
        case name
        when *COMMANDS.keys then command(name).new(*streams).call(argv)
        when "--version" then say(streams[1], version)
        when "-h", "--help", "help" then help(argv.first, streams)
        else raise UsageError, name ? unknown(name) : "no command was given: expected #{COMMANDS.keys.join(', ')}"
        end
      end

      def help(name, streams)
        return say(streams[1], HELP) if name.nil?

        COMMANDS.key?(name) ? dispatch([name, "--help"], streams) : raise(UsageError, unknown(name))
      end

      def command(name)
        require_relative "cli/#{name}"
        const_get(name.capitalize)
      end

      def unknown(name)
        kind, names = name.start_with?("-") ? ["option", %w[--help --version]] : ["command", COMMANDS.keys]
        near = DidYouMean::SpellChecker.new(dictionary: names).correct(name).first if defined?(DidYouMean::SpellChecker)
        "unknown #{kind} #{name.inspect}#{near ? ", did you mean #{near}?" : ": expected #{names.join(', ')}"}"
      end

      def version
        require_relative "../wasmtime"
        "wasmtime-rb #{VERSION} (Wasmtime #{WASMTIME_VERSION}, #{RUBY_ENGINE} #{RUBY_VERSION}, #{RUBY_PLATFORM})"
      end

      def say(stdout, text)
        stdout.puts text
        0
      end

      # Nobody can be told that standard error is closed.
      def complain(stderr, text, status)
        stderr.puts "wasmtime-rb: #{text}"
        status
      rescue SystemCallError, IOError
        status
      end
    end
  end
end
