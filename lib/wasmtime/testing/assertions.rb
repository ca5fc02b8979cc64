# frozen_string_literal: true

require_relative "../testing"

module Wasmtime
  module Testing
    # Assertions of Minitest.
    #
    # Those about outcomes take a block, or what {Wasmtime.run} returned. An exception that ends no guest, such as one of a host block, leaves the
    # block as it is, and so does a trap that the assertion does not speak of.
    module Assertions
      # Fails unless a function is exported.
      # @param subject [Module, Component::Component, Instance, Component::Instance]
      # @param path [Array<String, Symbol>] its name; for a function of an interface the name of that first, where the version may be left out
      # @param with [Array, Hash, Symbol, String, nil] the types of its parameters, as {Matchers#export_func}; nil for any
      # @param returning [Array, Symbol, String, nil] the types of its results; nil for any
      # @return [true]
      # @raise [ArgumentError] without a name, or for a type that does not exist
      # @raise [TypeError] for what is no type
      # @example
      #   assert_export_func wasm_fixture("add.wat"), :add, with: %i[i32 i32], returning: :i32
      def assert_export_func(subject, *path, with: nil, returning: nil)
        _wasmtime_assert(_wasmtime_function(:export, path, with, returning), subject)
      end

      # Fails when a function is exported.
      # @param subject [Module, Component::Component, Instance, Component::Instance]
      # @param path [Array<String, Symbol>]
      # @param with [Array, Hash, Symbol, String, nil] as {#assert_export_func}
      # @param returning [Array, Symbol, String, nil]
      # @return [true]
      # @raise [ArgumentError] without a name, or for a type that does not exist
      # @raise [TypeError] for what is no type
      def refute_export_func(subject, *path, with: nil, returning: nil)
        _wasmtime_refute(_wasmtime_function(:export, path, with, returning), subject)
      end

      # Fails unless a function is imported.
      # @param subject [Module, Component::Component, Component::Instance]
      # @param path [Array<String, Symbol>] the names of its module, or interface, and of itself; for a component's root its own only
      # @param with [Array, Hash, Symbol, String, nil] as {#assert_export_func}
      # @param returning [Array, Symbol, String, nil]
      # @return [true]
      # @raise [ArgumentError] without a name, or for a type that does not exist
      # @raise [TypeError] for what is no type
      def assert_import_func(subject, *path, with: nil, returning: nil)
        _wasmtime_assert(_wasmtime_function(:import, path, with, returning), subject)
      end

      # Fails when a function is imported.
      # @param subject [Module, Component::Component, Component::Instance]
      # @param path [Array<String, Symbol>] as {#assert_import_func}
      # @param with [Array, Hash, Symbol, String, nil]
      # @param returning [Array, Symbol, String, nil]
      # @return [true]
      # @raise [ArgumentError] without a name, or for a type that does not exist
      # @raise [TypeError] for what is no type
      def refute_import_func(subject, *path, with: nil, returning: nil)
        _wasmtime_refute(_wasmtime_function(:import, path, with, returning), subject)
      end

      # Fails unless a guest traps.
      # @param code [Symbol, nil] one of {Trap::CODES}; nil for any
      # @param result [RunResult, nil] instead of a block
      # @yield runs the guest
      # @return [Trap]
      # @raise [ArgumentError] for a code that does not exist, and unless either a result or a block is given
      # @example
      #   assert_trap_with(:unreachable_code_reached) { instance.invoke("boom") }
      def assert_trap_with(code = nil, result = nil, &block)
        expectation = TrapExpectation.new(_wasmtime_session, code)
        _wasmtime_assert(expectation, _wasmtime_subject(result, block))
        expectation.trap
      end

      # Fails when a guest traps with this code. A trap with another one leaves the block.
      # @param code [Symbol, nil] nil for any
      # @param result [RunResult, nil] instead of a block
      # @yield runs the guest
      # @return [true]
      # @raise [ArgumentError] for a code that does not exist, and unless either a result or a block is given
      def refute_trap_with(code = nil, result = nil, &block)
        _wasmtime_refute(TrapExpectation.new(_wasmtime_session, code), _wasmtime_subject(result, block))
      end

      # Fails unless a program ends with a status: that of its exit, or 0 when the block just returned. A `result` of WIT that is an error is 1.
      # @param status [Integer, Range]
      # @param result [RunResult, nil] instead of a block
      # @yield runs the guest
      # @return [true]
      # @raise [ArgumentError] for a number that is no status, and unless either a result or a block is given
      # @raise [TypeError] for what is neither a number nor a range
      # @example
      #   assert_exit_with(0) { instance.invoke("_start") }
      #   assert_exit_with(0, Wasmtime.run("tool.wasm", "--help"))
      def assert_exit_with(status, result = nil, &block)
        _wasmtime_assert(ExitExpectation.new(_wasmtime_session, status), _wasmtime_subject(result, block))
      end

      # Fails when a program ends with a status.
      # @param status [Integer, Range] as {#assert_exit_with}
      # @param result [RunResult, nil] instead of a block
      # @yield runs the guest
      # @return [true]
      # @raise [ArgumentError] for a number that is no status, and unless either a result or a block is given
      # @raise [TypeError] for what is neither a number nor a range
      def refute_exit_with(status, result = nil, &block)
        _wasmtime_refute(ExitExpectation.new(_wasmtime_session, status), _wasmtime_subject(result, block))
      end

      # Fails unless a guest uses up its fuel.
      # @param result [RunResult, nil] instead of a block
      # @yield runs the guest
      # @return [true]
      # @raise [ArgumentError] unless either a result or a block is given
      def assert_exceed_fuel(result = nil, &block)
        _wasmtime_assert(LimitExpectation.new(_wasmtime_session, :fuel), _wasmtime_subject(result, block))
      end

      # Fails when a guest uses up its fuel.
      # @param result [RunResult, nil] instead of a block
      # @yield runs the guest
      # @return [true]
      # @raise [ArgumentError] unless either a result or a block is given
      def refute_exceed_fuel(result = nil, &block)
        _wasmtime_refute(LimitExpectation.new(_wasmtime_session, :fuel), _wasmtime_subject(result, block))
      end

      # Fails unless a guest is denied memory: with a {MemoryLimitError} or, in a block, in an instance of this test for the first time.
      # @param result [RunResult, nil] instead of a block
      # @yield runs the guest
      # @return [true]
      # @raise [ArgumentError] unless either a result or a block is given
      def assert_exceed_memory(result = nil, &block)
        _wasmtime_assert(MemoryExpectation.new(_wasmtime_session), _wasmtime_subject(result, block))
      end

      # Fails when a guest is denied memory.
      # @param result [RunResult, nil] instead of a block
      # @yield runs the guest
      # @return [true]
      # @raise [ArgumentError] unless either a result or a block is given
      def refute_exceed_memory(result = nil, &block)
        _wasmtime_refute(MemoryExpectation.new(_wasmtime_session), _wasmtime_subject(result, block))
      end

      # Fails unless a guest runs longer than it may.
      # @param result [RunResult, nil] instead of a block
      # @yield runs the guest
      # @return [true]
      # @raise [ArgumentError] unless either a result or a block is given
      def assert_time_out(result = nil, &block)
        _wasmtime_assert(LimitExpectation.new(_wasmtime_session, :time), _wasmtime_subject(result, block))
      end

      # Fails when a guest runs longer than it may.
      # @param result [RunResult, nil] instead of a block
      # @yield runs the guest
      # @return [true]
      # @raise [ArgumentError] unless either a result or a block is given
      def refute_time_out(result = nil, &block)
        _wasmtime_refute(LimitExpectation.new(_wasmtime_session, :time), _wasmtime_subject(result, block))
      end

      # Fails unless this is written to standard output: by the instances of the test while the block runs, or by a program.
      # @param expected [String, Regexp, #matches?, nil] all of it, or a pattern in it; nil for anything but nothing
      # @param result [RunResult, nil] instead of a block
      # @yield runs the guest
      # @return [true]
      # @raise [ArgumentError] unless either a result or a block is given
      # @raise [TypeError] for anything else to expect
      # @example
      #   assert_print_to_stdout(/hello/) { instance.invoke("_start") }
      def assert_print_to_stdout(expected = nil, result = nil, &block)
        _wasmtime_assert(OutputExpectation.new(_wasmtime_session, :stdout, expected), _wasmtime_subject(result, block))
      end

      # Fails when this is written to standard output.
      # @param expected [String, Regexp, #matches?, nil] as {#assert_print_to_stdout}
      # @param result [RunResult, nil] instead of a block
      # @yield runs the guest
      # @return [true]
      # @raise [ArgumentError] unless either a result or a block is given
      # @raise [TypeError] for anything else to expect
      def refute_print_to_stdout(expected = nil, result = nil, &block)
        _wasmtime_refute(OutputExpectation.new(_wasmtime_session, :stdout, expected), _wasmtime_subject(result, block))
      end

      # Fails unless this is written to standard error.
      # @param expected [String, Regexp, #matches?, nil] as {#assert_print_to_stdout}
      # @param result [RunResult, nil] instead of a block
      # @yield runs the guest
      # @return [true]
      # @raise [ArgumentError] unless either a result or a block is given
      # @raise [TypeError] for anything else to expect
      def assert_print_to_stderr(expected = nil, result = nil, &block)
        _wasmtime_assert(OutputExpectation.new(_wasmtime_session, :stderr, expected), _wasmtime_subject(result, block))
      end

      # Fails when this is written to standard error.
      # @param expected [String, Regexp, #matches?, nil] as {#assert_print_to_stdout}
      # @param result [RunResult, nil] instead of a block
      # @yield runs the guest
      # @return [true]
      # @raise [ArgumentError] unless either a result or a block is given
      # @raise [TypeError] for anything else to expect
      def refute_print_to_stderr(expected = nil, result = nil, &block)
        _wasmtime_refute(OutputExpectation.new(_wasmtime_session, :stderr, expected), _wasmtime_subject(result, block))
      end

      private

      def _wasmtime_assert(expectation, subject)
        assert expectation.matches?(subject), -> { expectation.failure_message }
      end

      def _wasmtime_refute(expectation, subject)
        assert expectation.does_not_match?(subject), -> { expectation.failure_message_when_negated }
      end

      def _wasmtime_function(direction, path, params, results)
        expectation = FunctionExpectation.new(direction, path)
        named, types = params.is_a?(Hash) ? [params, []] : [{}, params]
        expectation.with(*types, **named) unless params.nil?
        results.nil? ? expectation : expectation.returning(*results)
      end

      def _wasmtime_subject(result, block)
        return result.nil? ? block : result unless result.nil? == block.nil?

        raise ArgumentError, "give either a block or what Wasmtime.run returned, #{block ? 'not both' : 'got neither'}"
      end
    end
  end
end
