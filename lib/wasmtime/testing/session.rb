# frozen_string_literal: true

module Wasmtime
  module Testing
    # A store of an example, and what the guest in it wrote.
    # @api private
    Record = Struct.new(:store, :config, :stdout, :stderr, keyword_init: true)
    private_constant :Record

    class Record
      # @param stream [:stdout, :stderr]
      # @param from [Integer] where to begin, in bytes
      # @return [String]
      def text(stream, from = 0)
        (self[stream].byteslice(from..) || +"").force_encoding(Encoding::UTF_8)
      end

      def truncated?
        config ? config.truncated? : false
      end

      # Whether the guest has been denied memory; nil when nobody can tell any more.
      def denied?
        store.linear_memory_limit_hit? unless store.closed?
      end
    end

    # What belongs to one example: its instances, until it ends.
    # @api private
    class Session
      # Seconds that a guest of another thread has to notice that it is interrupted.
      PATIENCE = 5

      def initialize
        @lock = Mutex.new
        @records = []
        @process = Process.pid
      end

      # @param code [Module, Component::Component]
      # @param imports [Hash, Proc] the latter is called with the store
      # @param wasi [Hash] stdin, args, env and dirs
      # @return [Instance, Component::Instance]
      def instance(code, imports:, wasi:, memory_size:, fuel:, timeout:)
        CallOptions.seconds(timeout) unless timeout.nil?
        name = FIXTURES.name(code)
        code = FIXTURES.metered(code) unless fuel.nil?
        setup = WasiSetup.new(code, (imports unless imports.respond_to?(:call)), wasi)
        record = record(code.engine, setup, name, memory_size)
        set_fuel(record.store, fuel) unless fuel.nil?
        imports = imports.call(record.store) if imports.respond_to?(:call)
        CallOptions.within(record.store, timeout: timeout) { instantiate(code, setup, record, imports, timeout) }
      end

      # @return [Array<Record>]
      def records
        @lock.synchronize { @records.dup }
      end

      # Closes every store. A guest that still runs on another thread is interrupted. A forked child leaves its parent's stores alone.
      # @raise [Error] for a store that cannot be closed
      def close
        return unless @process == Process.pid

        busy = @lock.synchronize { @records.slice!(0..) }.reject { |record| closed?(record.store) }
        return if busy.empty?

        raise Error, "#{busy.size} of the stores of wasm_instance cannot be closed, because a thread still runs in it or a memory view is open: " \
                     "join threads and leave views before the example ends"
      end

      private

      def record(engine, setup, name, memory_size)
        record = Record.new(stdout: +"", stderr: +"")
        record.config = setup.config(record, name)
        record.store = Store.new(engine, limits: { memory_size: memory_size }, wasi_config: record.config)
        @lock.synchronize { @records << record }
        record
      end

      def set_fuel(store, fuel)
        store.set_fuel(fuel)
      rescue Error
        raise ArgumentError, "fuel: the engine of this code counts no fuel; make it with Wasmtime::Engine.new(consume_fuel: true), or give a " \
                             "fixture of the default engine", cause: nil
      end

      def instantiate(code, setup, record, imports, timeout)
        return component_instance(code, setup, record, imports, timeout) if code.is_a?(Component::Component)

        instance = setup.wanted? ? linked(code, setup, record, imports) : Instance.new(record.store, code, imports)
        instance.extend(ModuleGuest)._wasmtime_setup(record, timeout)
        instance.invoke("_initialize") if reactor?(instance)
        instance
      end

      def linked(code, setup, record, imports)
        setup.linker.define_all(imports).instantiate(record.store, code)
      end

      def component_instance(code, setup, record, imports, timeout)
        linked(code, setup, record, imports).extend(ComponentGuest)._wasmtime_setup(record, timeout)
      end

      # WASI wants it called before anything else.
      def reactor?(instance)
        instance.export("_initialize").is_a?(Func) && instance.export("_start").nil?
      end

      def closed?(store)
        deadline = Process.clock_gettime(Process::CLOCK_MONOTONIC) + PATIENCE
        begin
          store.close
          true
        rescue StoreBusyError
          return false if Process.clock_gettime(Process::CLOCK_MONOTONIC) > deadline

          store.interrupt
          sleep(0.002)
          retry
        end
      end
    end
    private_constant :Session
  end
end
