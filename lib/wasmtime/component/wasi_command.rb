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
      # The name that Wasmtime takes for any release 0.2; a release candidate goes by its own.
      RUN = ["wasi:cli/run@0.2.0", "run"].freeze
      CANDIDATES = %r{\Awasi:cli/run@0\.2\.}
      # What {#call_run} says of a program that says it failed.
      FAILED = "Error running `run`"
      private_constant :RUN, :CANDIDATES, :FAILED

      # Where a component exports the function that runs it.
      # @return [ExportIndex, nil] nil when it is no program
      # @api private
      def self._find(component)
        component.get_export_index(RUN) || begin
          name = component.exports.keys.find { |key| key.match?(CANDIDATES) }
          name && component.get_export_index([name, "run"])
        end
      end

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
        index = self.class._find(component) || refuse
        @instance = linker.instantiate(store, component)
        @run = @instance.get_func(index)
        refuse unless @run && runs?(@run.type)
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

        raise Error, FAILED if _run(**options).error?
      end

      # Whether an error is what {#call_run} raises of a program that says it failed.
      # @api private
      def self._failure?(error)
        error.instance_of?(Error) && error.message == FAILED
      end

      # @return [Result] what the program says of itself
      # @api private
      def _run(**options)
        @run.call(**options)
      end

      private

      def runs?(type)
        type in { params: {}, result: ResultType }
      end

      def refuse
        raise Error, "the component is no command: it exports no wasi:cli/run@0.2"
      end
    end
  end
end
