# frozen_string_literal: true

module Wasmtime
  module Testing
    # What every example and every test can call.
    #
    # @example
    #   it "adds" do
    #     expect(wasm_instance("add.wat").invoke("add", 2, 3)).to eq(5)
    #   end
    module Helpers
      # A module or component that is compiled once per process: the same object for the same file, until that changes, or for the same text.
      # @param path [String, Pathname, nil] a binary or the text format, from {Testing.fixtures_path}
      # @param wat [String, nil] the text format itself, instead of a path
      # @param engine [Engine]
      # @return [Module, Component::Component]
      # @raise [ArgumentError] when both are given, or neither
      # @raise [Error] when there is no such file; the message says where it was looked for
      # @raise [CompileError] for what is no WebAssembly
      # @raise [TypeError] for other arguments
      def wasm_fixture(path = nil, wat: nil, engine: Engine.default)
        FIXTURES.fetch(path, wat, engine)
      end

      # An instance in a store of its own, which is closed when the example ends, however it ends. What it imports of WASI (preview 1 for modules,
      # preview 2 for components) is there, and what it writes to its standard output and standard error is kept: {Guest#stdout}, {Guest#stderr}.
      # The `_initialize` of a reactor is called. A guest that another thread still runs when the example ends is interrupted.
      # @param fixture [Module, Component::Component, String, Pathname, nil] a path is a fixture's
      # @param wat [String, nil] the text format, instead
      # @param imports [Hash, Proc] as {Instance.new} or {Component::Linker#define_all}, and instead of WASI's own functions for a module; a Proc
      #   is called with the store and gives the Hash, for memories and other things that belong to a store
      # @param stdin [String, #readpartial, #read, :inherit, :null, nil] what the guest reads, as {WasiConfig#set_stdin}
      # @param args [Array<String>] the guest's arguments, without its own name
      # @param env [Hash{String => String}] the guest's environment variables
      # @param dirs [Hash{String => String, Array}] host folders by guest path, read-only unless `["folder", :read_write]` is given
      # @param memory_size [Integer, nil] bytes that a memory may have; nil for no limit
      # @param fuel [Integer, nil] fuel for all its calls; a fixture is compiled once more, for an engine that counts it. nil counts none.
      # @param timeout [Numeric, nil] seconds that each call without a `timeout:` of its own may take, and this one; nil for as long as it takes
      # @return [Instance, Component::Instance] one that is a {Guest}, too
      # @raise [ArgumentError] for WASI options when the guest imports no WASI, `fuel:` with an engine that counts none, a timeout not above 0
      # @raise [LinkError] for imports that are missing or do not fit
      # @raise [Trap] when a start function traps
      # @raise [TypeError] for other arguments
      # @raise [Error] outside of an example
      # @example
      #   instance = wasm_instance("greet.wasm", args: ["--loud"], stdin: "Ada")
      #   expect { instance.invoke("_start") }.to print_to_stdout("HELLO ADA\n").and exit_with(0)
      def wasm_instance(fixture = nil, wat: nil, imports: {}, stdin: nil, args: [], env: {}, dirs: {}, memory_size: nil, fuel: nil,
                        timeout: Testing.default_timeout)
        code = _wasmtime_code(fixture, wat)
        wasi = { stdin: stdin, args: args, env: env, dirs: dirs }
        _wasmtime_session.instance(code, imports: imports, wasi: wasi, memory_size: memory_size, fuel: fuel, timeout: timeout)
      end

      private

      def _wasmtime_code(fixture, wat)
        code = fixture.is_a?(Module) || fixture.is_a?(Component::Component)
        return FIXTURES.fetch(fixture, wat, Engine.default) unless code
        raise ArgumentError, "wasm_instance: give either a fixture or wat:, not both" unless wat.nil?

        fixture
      end

      def _wasmtime_session
        @_wasmtime_session || raise(Error, "wasm_instance and expectations about instances work in examples and their hooks only, because stores " \
                                           "are closed after each example; elsewhere use wasm_fixture and Wasmtime::Instance.new")
      end
    end
  end
end
