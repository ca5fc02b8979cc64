# frozen_string_literal: true

module Wasmtime
  module Component
    # A component that is a program: it exports `wasi:cli/run`.
    #
    # @example
    #   linker = Wasmtime::Component::Linker.new(engine)
    #   Wasmtime::WASI::P2.add_to_linker_sync(linker)
    #   store = Wasmtime::Store.new(engine, wasi_config: Wasmtime::WasiConfig.new.inherit_stdout)
    #   Wasmtime::Component::WasiCommand.new(store, component, linker).call_run(store)
    class WasiCommand
      RUN = %r{\Awasi:cli/run@0\.2\.}
      private_constant :RUN

      # @return [Instance] the program, instantiated
      attr_reader :instance

      # Instantiates the program.
      # @param store [Store]
      # @param component [Component]
      # @param linker [Linker] with WASI preview 2
      # @return [void]
      # @raise [Error] when the component exports no `wasi:cli/run` of version 0.2; and as {Linker#instantiate}
      def initialize(store, component, linker)
        Wasmtime._check(component, Component)
        Wasmtime._check(linker, Linker)
        @name = component.exports.find { |name, type| name.match?(RUN) && runs?(type) }&.first
        raise Error, "the component is no command: it exports no wasi:cli/run@0.2" unless @name

        @instance = linker.instantiate(store, component)
      end

      # Runs the program.
      # @param store [Store] the store it was made for
      # @param options [Hash{Symbol => Object}] `timeout:` and `gvl:`, as {Func#call}
      # @return [nil]
      # @raise [WasiExit] when the program exits with a status
      # @raise [Error] "Error running `run`" when it says that it failed
      # @raise [StoreError] for another store
      def call_run(store, **options)
        Wasmtime._check(store, Store)
        raise StoreError, "the command belongs to another store" unless store.equal?(instance.store)

        result = instance.get_func([@name, "run"]).call(**options)
        raise Error, "Error running `run`" if result.error?
      end

      private

      def runs?(type)
        type in { exports: { run: { params: {}, result: ResultType } } }
      end
    end
  end
end
