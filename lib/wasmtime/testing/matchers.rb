# frozen_string_literal: true

require "rspec/expectations"
require_relative "../testing"
require_relative "compound"

module Wasmtime
  module Testing
    # Matchers of RSpec. Each can be negated, combined with `and` and `or`, and stand among the arguments of other matchers.
    #
    # Those about outcomes take a block, or what {Wasmtime.run} returned. An exception that ends no guest, such as one of a host block, leaves the
    # block as it is. So does a trap that the matcher does not speak of, so that none goes unnoticed: `print_to_stdout` alone lets it through,
    # `trap_with(code).and print_to_stdout(text)` does not.
    module Matchers
      # A function that a module, a component or an instance exports. `with` and `returning` add its types; without them any will do.
      # @param path [Array<String, Symbol>] its name; for a function of an interface the name of that first, where the version may be left out
      # @return [Object] a matcher with the methods `with(*types)` and `returning(*types)`. Types are Symbols, {ValType}s, types of WIT, or the
      #   text of a type: "list<u8>"; `with(number: :u32)` checks the names that WIT gives parameters, too.
      # @raise [ArgumentError] without a name
      # @example
      #   expect(wasm_fixture("add.wat")).to export_func(:add).with(:i32, :i32).returning(:i32)
      #   expect(wasm_fixture("greet.wasm")).to export_func("test:guest/greeter", "greet").with(name: :string).returning(:string)
      def export_func(*path)
        FunctionExpectation.new(:export, path)
      end

      # A function that a module or a component imports.
      # @param path [Array<String, Symbol>] the names of its module, or interface, and of itself; for a component's root its own only
      # @return [Object] a matcher, as that of {#export_func}
      # @raise [ArgumentError] without a name
      # @example
      #   expect(wasm_fixture("log.wat")).to import_func("env", "log").with(:i32).returning
      def import_func(*path)
        FunctionExpectation.new(:import, path)
      end

      # A trap.
      # @param code [Symbol, nil] one of {Trap::CODES}; nil for any
      # @return [Object] a matcher for a block or a {RunResult}
      # @raise [ArgumentError] for a code that does not exist
      # @example
      #   expect { instance.invoke("boom") }.to trap_with(:unreachable_code_reached)
      def trap_with(code = nil)
        TrapExpectation.new(_wasmtime_session, code)
      end

      # The end of a program: its status, or 0 when the block just returned. A `result` of WIT that is an error is 1.
      # @param status [Integer, Range, #matches?]
      # @return [Object] a matcher for a block or a {RunResult}
      # @raise [ArgumentError] for a number that is no status
      # @raise [TypeError] for what is neither a number nor a range nor a matcher
      # @example
      #   expect { instance.invoke("_start") }.to exit_with(0)
      #   expect(Wasmtime.run("tool.wasm", "--help")).to exit_with(0).and print_to_stdout(/usage/i)
      def exit_with(status)
        ExitExpectation.new(_wasmtime_session, status)
      end

      # An {OutOfFuelError}.
      # @return [Object] a matcher for a block or a {RunResult}
      # @example
      #   instance = wasm_instance("spin.wat", fuel: 10_000)
      #   expect { instance.invoke("spin") }.to exceed_fuel
      def exceed_fuel
        LimitExpectation.new(_wasmtime_session, :fuel)
      end

      # A {MemoryLimitError}, or, in a block, an instance of the example whose memory is denied growth for the first time, whatever the guest
      # makes of that.
      # @return [Object] a matcher for a block or a {RunResult}
      # @example
      #   instance = wasm_instance("grow.wat", memory_size: 1 << 20)
      #   expect { instance.invoke("grow", 100) }.to exceed_memory
      def exceed_memory
        MemoryExpectation.new(_wasmtime_session)
      end

      # A {TimeoutError}.
      # @return [Object] a matcher for a block or a {RunResult}
      # @example
      #   expect { instance.invoke("spin", timeout: 0.1) }.to time_out
      def time_out
        LimitExpectation.new(_wasmtime_session, :time)
      end

      # What is written to standard output: by the instances of the example while the block runs, or by a program.
      # @param expected [String, Regexp, #matches?, nil] all of it, a pattern in it, a matcher for it; nil for anything but nothing
      # @return [Object] a matcher for a block or a {RunResult}
      # @raise [TypeError] for anything else
      # @example
      #   expect { instance.invoke("_start") }.to print_to_stdout(/hello/)
      def print_to_stdout(expected = nil)
        OutputExpectation.new(_wasmtime_session, :stdout, expected)
      end

      # As {#print_to_stdout}, for standard error.
      # @param expected [String, Regexp, #matches?, nil]
      # @return [Object] a matcher for a block or a {RunResult}
      # @raise [TypeError] for anything else
      def print_to_stderr(expected = nil)
        OutputExpectation.new(_wasmtime_session, :stderr, expected)
      end
    end
  end
end
