# frozen_string_literal: true

require_relative "../wasmtime"

module Wasmtime
  # What specs and tests of WebAssembly need: fixtures that are compiled once, instances that are closed after each example, and expectations.
  # `require "wasmtime/rspec"` gives them to RSpec ({Helpers}, {Matchers}), `require "wasmtime/minitest"` to Minitest ({Helpers}, {Assertions}).
  #
  # @example In spec/spec_helper.rb
  #   require "wasmtime/rspec"
  #   Wasmtime::Testing.fixtures_path = "spec/wasm"
  #   Wasmtime::Testing.fail_on_leak = true
  module Testing
    # Where fixtures are looked for until {fixtures_path=} says where: the first that exists.
    FIXTURE_FOLDERS = %w[spec/fixtures test/fixtures].freeze
    # Seconds a call may take until {default_timeout=} says how many.
    DEFAULT_TIMEOUT = 10
    # Bytes of each output stream of an instance that are kept; the rest is dropped.
    OUTPUT_LIMIT = 16 << 20

    @default_timeout = DEFAULT_TIMEOUT
    @fail_on_leak = false

    class << self
      # The folder that paths of fixtures start from: what was set, else `spec/fixtures` or `test/fixtures`, whichever exists in the working
      # directory.
      # @return [String, nil] absolute; nil when nothing was set and neither exists
      def fixtures_path
        @fixtures_path || FIXTURE_FOLDERS.map { |folder| File.expand_path(folder) }.find { |folder| File.directory?(folder) }
      end

      # Sets the folder that paths of fixtures start from.
      # @param folder [String, Pathname, nil] from the working directory of now; nil is the usual folder again
      # @return [void]
      # @raise [TypeError] for anything else
      def fixtures_path=(folder)
        @fixtures_path = folder && File.expand_path(folder).freeze
      end

      # How long a call of an instance of {Helpers#wasm_instance} may take when neither the call nor the instance says so, so that a guest that
      # loops for ever ends its example with a {TimeoutError} and not the suite. 10 at first.
      # @return [Numeric, nil] seconds; nil for as long as it takes
      attr_reader :default_timeout

      # Sets how long a call may take.
      # @param seconds [Numeric, nil] nil for as long as it takes
      # @return [void]
      # @raise [TypeError] for what is no number
      # @raise [ArgumentError] unless it is above 0
      def default_timeout=(seconds)
        CallOptions.seconds(seconds) unless seconds.nil?
        @default_timeout = seconds
      end

      # Whether an example fails that passes otherwise, and leaves stores open: those that its own code, hooks and helpers included, made with
      # {Store.new} and that nobody closed by the end of the example, after its hooks. Whether Ruby's GC has found such a store by then does not
      # matter, because nobody can tell when it does. Stores that the gem made itself do not count, nor those made before the example, as in
      # RSpec's `before(:context)`. A store that a thread made counts for the example that the thread runs; one of a thread that runs none counts
      # when only one example is under way. In RSpec the metadata `wasmtime_fail_on_leak: true` (or false) decides for a group or an example.
      # @return [Boolean] false at first
      attr_reader :fail_on_leak

      # Sets whether an example fails that leaves stores open.
      # @param fail [Boolean]
      # @return [void]
      def fail_on_leak=(fail)
        @fail_on_leak = fail ? true : false
      end

      # As {Helpers#wasm_fixture}, for code outside of examples.
      # @param path [String, Pathname, nil]
      # @param wat [String, nil]
      # @param engine [Engine]
      # @return [Module, Component::Component]
      # @raise [ArgumentError] when both are given, or neither
      # @raise [Error] when there is no such file; the message says where it was looked for
      # @raise [CompileError] for what is no WebAssembly
      # @raise [TypeError] for other arguments
      # @example
      #   RSpec.describe Wasmtime::Testing.fixture("add.wat") do
      #     it { is_expected.to export_func(:add) }
      #   end
      def fixture(path = nil, wat: nil, engine: Engine.default)
        FIXTURES.fetch(path, wat, engine)
      end
    end
  end
end

require_relative "testing/fixtures"
require_relative "testing/bounded_func"
require_relative "testing/guest"
require_relative "testing/component_guest"
require_relative "testing/wasi_setup"
require_relative "testing/session"
require_relative "testing/leak_watch"
require_relative "testing/outcome"
require_relative "testing/signature"
require_relative "testing/function_list"
require_relative "testing/expectation"
require_relative "testing/function_expectation"
require_relative "testing/outcome_expectation"
require_relative "testing/endings"
require_relative "testing/output_expectation"
require_relative "testing/helpers"
