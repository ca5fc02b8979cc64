# frozen_string_literal: true

require_relative "../../wasmtime"
require_relative "source"
require_relative "ending"
require_relative "invocation"

module Wasmtime
  module CLI
    # `wasmtime-rb run`
    # @api private
    class Run < Command
      BANNER = "Usage: wasmtime-rb run [OPTIONS] FILE [ARGUMENTS]"
      NOTES = <<~TEXT
        Runs FILE, a program for WASI: a module that exports _start, or a component that exports wasi:cli/run. Its standard streams are those of this
        process, and nothing else is granted but what the options say; all words after FILE are for the program. What was compiled once is kept in
        the cache folder (Wasmtime.cache_dir).

        With --invoke the words after FILE are the values of the function's parameters: numbers by their type, texts as they are, and lists,
        records and the like in JSON. Its results are printed, one a line. A function in an interface is "INTERFACE#NAME".

        SIZE is in bytes, and may end in K, M or G (of 1024).

        Exit status: that of the program (1 in place of one over 255), or
            1    it could not be run, or something else went wrong
            2    the command line is wrong
            124  the timeout came
            134  it trapped, used up its fuel, failed after it was denied memory, or ended with an exception nobody caught
            130  it was interrupted by Ctrl-C (the signal ends this process)
      TEXT

      private

      def options(parser)
        @dirs = {}
        @env = {}
        parser.on("--dir HOST[::GUEST]", "let it read a directory, under the name GUEST") { |text| directory(text, "--dir", :read_only) }
        parser.on("--dir-rw HOST[::GUEST]", "let it read and write a directory") { |text| directory(text, "--dir-rw", :read_write) }
        parser.on("--env NAME[=VALUE]", "set a variable, or hand on that of this process") { |text| variable(text) }
        parser.on("--timeout SECONDS", "stop it after so long") { |text| @timeout = seconds(text) }
        parser.on("--memory-size SIZE", "how large a memory may become") { |text| @memory_size = size("--memory-size", text) }
        parser.on("--fuel N", "how much it may consume, about one for each instruction") { |text| @fuel = count(text) }
        parser.on("--output SIZE", "how much it may write to each stream; the rest is dropped") { |text| @output = size("--output", text) }
        parser.on("--invoke NAME", "call an exported function instead") { |name| @function = name }
      end

      # The words after FILE are the program's.
      def parse(parser, argv)
        parser.order(argv)
      end

      def perform(arguments)
        path, *words = arguments
        raise UsageError, "no FILE was given" if path.nil?

        Source.read(path) # says better what is wrong with it
        Ending.new(path, @stderr).status { Source.about(path) { @function ? invoke(path, words) : run(path, words) } }
      end

      # @return [Integer]
      def run(path, words)
        finish(path, Wasmtime.run(path, *words, **streams, **limits, output: @output, env: @env, dirs: @dirs))
      rescue Error => e
        raise unless e.message.include?("is no program")

        raise Error, "#{path} is no program: it exports no _start or wasi:cli/run, call one of its functions with --invoke (inspect shows them)"
      end

      # @return [Integer]
      def invoke(path, words)
        invocation = Invocation.new(path, @function, words, metered: !@fuel.nil?)
        sandbox = Runner::Sandbox.new(argv: [File.basename(path)], env: @env, dirs: @dirs, **streams, limit: @output)
        status = finish(path, Runner.new(invocation, sandbox, **limits).result)
        @stdout.puts(invocation.results) unless invocation.results.empty?
        status
      end

      def finish(path, result)
        warn("#{path} wrote more than #{@output} bytes: the rest was dropped") if result.truncated?
        result.error ? raise(result.error) : result.status
      end

      def limits
        { timeout: @timeout, memory_size: @memory_size, fuel: @fuel }
      end

      # This process's own streams are given as they are, where nothing has to be counted and nobody may have to stop a wait for them.
      def streams
        { stdin: @timeout ? @stdin : own(@stdin, 0), stdout: @output ? @stdout : own(@stdout, 1), stderr: @output ? @stderr : own(@stderr, 2) }
      end

      def own(stream, number)
        stream.respond_to?(:fileno) && stream.fileno == number ? :inherit : stream
      end

      def directory(text, option, permissions)
        host, guest = text.split("::", 2)
        guest ||= host
        raise UsageError, "#{option}: expected HOST or HOST::GUEST, got #{text.inspect}" if host.to_s.empty? || guest.empty?
        raise UsageError, "#{option}: #{host} is no directory" unless File.directory?(host)
        raise UsageError, "#{option}: #{guest.inspect} was given already, by another --dir or --dir-rw" if @dirs.key?(guest)

        @dirs[guest] = [host, permissions]
      end

      def variable(text)
        name, value = text.split("=", 2)
        raise UsageError, "--env: expected NAME=VALUE or NAME, got #{text.inspect}" if name.to_s.empty?

        @env[name] = value || ENV.fetch(name) { raise UsageError, "--env: this process has no variable #{name}, give NAME=VALUE" }
      end

      def seconds(text)
        seconds = Float(text, exception: false)
        return seconds if seconds&.positive? && seconds&.finite?

        raise UsageError, "--timeout: expected seconds such as 5 or 0.5, got #{text.inspect}"
      end

      def count(text)
        number = Integer(text, 10, exception: false)
        number&.between?(0, (2**64) - 1) ? number : raise(UsageError, "--fuel: expected a number such as 1000000, got #{text.inspect}")
      end
    end
    private_constant :Run
  end
end
