# frozen_string_literal: true

require_relative "checks"

module Wasmtime
  module CLI
    # `wasmtime-rb doctor`
    # @api private
    class Doctor < Command
      BANNER = "Usage: wasmtime-rb doctor"
      NOTES = <<~TEXT
        Shows the versions, the native extension, the cache of compiled code and the sizes of the stacks, then compiles and runs a module and a
        component, on a thread and on a fiber, and stops a loop. What is wrong comes with what to do about it.

        Exit status: 0 when all is well, 1 when something is wrong, 2 for a wrong command line.
      TEXT

      private

      def perform(arguments)
        raise UsageError, "doctor takes no arguments, got #{arguments.first.inspect}" unless arguments.empty?

        found = Checks.new.to_a { |name, problem, text| report(name, problem, text) }
        wrong = found.count { |_, problem| problem }
        @stdout.puts wrong.zero? ? "all is well" : "#{wrong} of #{found.size} checks failed"
        wrong.zero? ? 0 : 1
      end

      def report(name, problem, text)
        @stdout.puts "#{problem ? 'FAIL' : 'ok  '} #{name.ljust(10)} #{Sentence.printable(text)}"
      end
    end
    private_constant :Doctor
  end
end
