# frozen_string_literal: true

module Wasmtime
  module CLI
    # A command line that cannot be understood.
    class UsageError < StandardError; end
    private_constant :UsageError

    # What commands have in common: options, help, and the files they are given.
    # @api private
    class Command
      SIZE = /\A(\d+)(?:([KMGT])(?:i?B)?|B)?\z/i
      UNITS = { nil => 1, "K" => 1 << 10, "M" => 1 << 20, "G" => 1 << 30, "T" => 1 << 40 }.freeze

      def initialize(stdin, stdout, stderr)
        @stdin = stdin
        @stdout = stdout
        @stderr = stderr
      end

      # @param argv [Array<String>] the words after the command's name
      # @return [Integer] the exit status
      def call(argv)
        parser = parser()
        help = false
        parser.on("-h", "--help", "show this text") { (help = true) && parser.terminate }
        parser.separator("")
        parser.separator(self.class::NOTES)
        # File names may be any bytes; OptionParser cannot read them as text then.
        rest = parse(parser, argv.map { |word| word.valid_encoding? ? word : word.b })
        help ? (@stdout.puts(parser.help) || 0) : perform(rest)
      end

      private

      def parser
        OptionParser.new do |parser|
          parser.program_name = "wasmtime-rb"
          parser.banner = self.class::BANNER
          parser.require_exact = true
          parser.separator("")
          options(parser)
        end
      end

      # Options may stand anywhere.
      def parse(parser, argv)
        parser.permute(argv)
      end

      def options(parser); end

      def file(arguments)
        return arguments.first if arguments.size == 1

        problem = arguments.empty? ? "no FILE was given" : "expected one FILE, got #{arguments.size}: #{arguments.map(&:inspect).join(', ')}"
        raise UsageError, problem
      end

      # @return [Integer] bytes
      def size(option, text)
        digits, unit = SIZE.match(text)&.captures
        raise UsageError, "#{option}: expected bytes such as 65536, 512K, 64M or 1G, got #{text.inspect}" unless digits

        Integer(digits, 10) * UNITS.fetch(unit&.upcase)
      end

      def warn(text)
        @stderr.puts "wasmtime-rb: #{text}"
      end
    end
    private_constant :Command
  end
end
