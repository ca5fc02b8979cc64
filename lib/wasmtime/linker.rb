# frozen_string_literal: true

module Wasmtime
  # Definitions by module and name that resolve a module's imports.
  #
  # @example
  #   linker = Wasmtime::Linker.new(engine)
  #   linker.func_new("env", "log", [:i32], []) { |_caller, n| puts n }
  #   instance = linker.instantiate(store, mod)
  class Linker
    # @param engine [Engine]
    # @return [Linker]
    def self.new(engine = Engine.default)
      _new(engine)
    end
    private_class_method :_new

    alias _duplicate dup
    private :_duplicate

    # @!method allow_unknown_exports=(allow)
    #   Sets what {#module} does about exports it does not know.
    #   @param allow [Boolean] whether {#module} accepts commands with exports it does not know
    #   @return [Boolean]
    #   @raise [Error] while the linker instantiates a module
    # @!method define(store, mod, name, item)
    #   Defines an item. From then on the linker works with this store only.
    #   @param store [Store] the store the item belongs to
    #   @param mod [String, Symbol]
    #   @param name [String, Symbol]
    #   @param item [Func, Memory, Table, Global, Tag, SharedMemory]
    #   @return [nil]
    #   @raise [Error] when the name is taken
    #   @raise [StoreError] for an item of another store
    # @!method instance(store, mod, instance)
    #   Defines every export of an instance.
    #   @param store [Store] the store the instance lives in
    #   @param mod [String, Symbol]
    #   @param instance [Instance]
    #   @return [nil]
    #   @raise [Error] when a name is taken
    #   @raise [StoreError] for an instance of another store
    # @!method module(store, name, mod)
    #   Defines a module's exports: a command is instantiated for each call, a reactor once, now.
    #   @param store [Store]
    #   @param name [String, Symbol]
    #   @param mod [Module]
    #   @return [nil]
    #   @raise [Error] when an import is missing or a name is taken
    # @!method alias(mod, name, as_mod, as_name)
    #   Defines an item under a second name.
    #   @param mod [String, Symbol]
    #   @param name [String, Symbol]
    #   @param as_mod [String, Symbol]
    #   @param as_name [String, Symbol]
    #   @return [nil]
    #   @raise [Error] when there is no such item, or the new name is taken
    # @!method alias_module(mod, as_mod)
    #   Defines all items of a module under a second module name.
    #   @param mod [String, Symbol]
    #   @param as_mod [String, Symbol]
    #   @return [nil]
    #   @raise [Error] when a new name is taken
    # @!method get_default(store, mod)
    #   @param store [Store]
    #   @param mod [String, Symbol]
    #   @return [Func] the module's default export: "" or "_start"; when there is none, a function that does nothing
    #   @raise [Error] when the default export is no function

    # @return [Linker] another linker with the same definitions
    def dup
      copy = _duplicate
      copy.instance_variable_set(:@shadowing, @shadowing)
      copy.instance_variable_set(:@blocks, @blocks.dup) if @blocks
      copy.instance_variable_set(:@pending, @pending.dup) if @pending
      copy.instance_variable_set(:@typed, @typed.dup) if @typed
      copy.instance_variable_set(:@shared, @shared.dup) if @shared
      copy
    end

    # Sets what happens to a name that is taken.
    # @param allow [Boolean] whether a later definition may replace an earlier one
    # @return [Boolean]
    # @raise [Error] while the linker instantiates a module
    def allow_shadowing=(allow)
      self._allow_shadowing = allow
      @shadowing = allow
    end

    # Defines a host function for any store.
    #
    # @param mod [String, Symbol]
    # @param name [String, Symbol]
    # @param params [Array<Symbol, ValType>] parameter types
    # @param results [Array<Symbol, ValType>] result types
    # @yield [caller, *args] as {Func.new}
    # @return [nil]
    # @raise [ArgumentError] without a block, or for a type that does not exist
    # @raise [Error] when the name is taken
    def func_new(mod, name, params, results, &block)
      define_block(mod, name, params, results, block, false)
    end

    # Defines a host function for async calls of any store: its block runs between two steps of the guest, on Ruby's stack, where it may wait. A
    # store with an instance that imports one takes async calls only. See {CallFuture}.
    #
    # @param mod [String, Symbol]
    # @param name [String, Symbol]
    # @param params [Array<Symbol, ValType>] parameter types
    # @param results [Array<Symbol, ValType>] result types
    # @yield [caller, *args] as {Func.new}
    # @return [nil]
    # @raise [ArgumentError] without a block, or for a type that does not exist
    # @raise [Error] when the name is taken
    def func_new_async(mod, name, params, results, &block)
      define_block(mod, name, params, results, block, true)
    end

    # Begins an async instantiation; see {CallFuture}.
    # @param store [Store] a store of the same engine
    # @param mod [Module] a module of the same engine
    # @param timeout [Numeric, nil] seconds it may take from now on, start function included; none when nil
    # @return [CallFuture] whose value is the {Instance}; it raises {Error} when an import is missing or of another type
    # @raise [ArgumentError] for a timeout that is not above 0
    # @raise [StoreBusyError] when the store is running something else
    # @raise [Error] for a store or module of another engine, or a store with WASI
    def instantiate_async(store, mod, timeout: nil)
      Wasmtime._check(store, Store)
      Wasmtime._check(mod, Module)
      CallFuture.__send__(:_linker, self, store, mod, timeout && CallOptions.seconds(timeout))
    end

    # Replaces WASI's `poll_oneoff` and `sched_yield` by functions that come back at once, as if everything waited for had happened. Call it
    # after {WASI::P1.add_to_linker_sync}; with {WasiConfig#add_determinism} each run of a program is the same.
    # @return [nil]
    # @raise [Error] while the linker instantiates a module
    def use_deterministic_scheduling_functions
      _shadowing(true) { _define_deterministic_scheduling }
    end

    # Defines many items at once. Callables get the type the module asks for when it is instantiated.
    #
    # @param imports [Hash] as `imports` of {Instance.new}
    # @return [self]
    # @raise [Error] when a name is taken
    # @example
    #   linker.define_all("env" => { log: ->(n) { puts n }, memory: memory })
    def define_all(imports)
      given = Imports.new(imports)
      given.each_item do |mod, name, item|
        case item
        when SharedMemory then (@shared ||= []) << [mod, name, item]
        when Extern then define(item.store, mod, name, item)
        else _replace(mod, name)
        end
      end
      _pending << given
      self
    end

    # Defines every function the module imports that is not defined yet: it fails when called. Other imports stay as they are.
    # @param mod [Module]
    # @return [nil]
    # @raise [Error] for a module of another engine
    def define_unknown_imports_as_traps(mod)
      _define_pending(mod) if @pending && mod.is_a?(Module)
      _define_unknown_imports_as_traps(mod)
    end

    # Defines every import of the module that is not defined yet: functions return zeros, globals are zero, memories and tables are empty.
    # @param store [Store]
    # @param mod [Module]
    # @return [nil]
    # @raise [Error] for a type without a default value
    def define_unknown_imports_as_default_values(store, mod)
      _define_pending(mod) if @pending && mod.is_a?(Module)
      _define_unknown_imports_as_default_values(store, mod)
    end

    # @param store [Store]
    # @param mod [String, Symbol]
    # @param name [String, Symbol]
    # @return [Func, Memory, Table, Global, Tag, SharedMemory] what is defined under the name
    # @raise [Error] "missing definition for ..."
    def get(store, mod, name)
      _get(store, mod, name) || raise(Error, "missing definition for `#{mod}::#{name}`")
    end

    # Instantiates a module with the definitions and runs its start function.
    #
    # @param store [Store]
    # @param mod [Module]
    # @param timeout [Numeric, nil] seconds the start function may take; none when nil
    # @param gvl [:release, :hold, nil] whether it runs without the GVL, as {Func#call}
    # @return [Instance]
    # @raise [LinkError] listing every import that is missing or does not match
    # @raise [Trap] when the start function traps
    # @raise [TimeoutError] when the start function took longer than the timeout
    # @raise [StoreError] when the store is closed or busy, or the linker holds items of another store
    def instantiate(store, mod, timeout: nil, gvl: nil)
      return CallOptions.within(store, timeout: timeout, gvl: gvl) { instantiate(store, mod) } unless timeout.nil? && gvl.nil?

      _define_shared(store) if @shared
      _define_pending(mod) if @pending && mod.is_a?(Module)
      _instantiate(store, mod)
    rescue Error => e
      raise _explain(e, mod, store)
    end

    # Resolves a module's imports once, to instantiate it in many stores.
    #
    # @param mod [Module]
    # @return [InstancePre]
    # @raise [LinkError] listing every import that is missing or does not match
    def instantiate_pre(mod)
      _define_pending(mod) if @pending && mod.is_a?(Module)
      _instantiate_pre(mod).tap { |pre| pre.__send__(:_held_by=, _block_for(mod)) }
    rescue Error => e
      raise _explain(e, mod, nil)
    end

    # @return [String] what it is, to be read by people
    def inspect
      "#<Wasmtime::Linker>"
    end

    private

    def define_block(mod, name, params, results, block, asynchronous)
      raise ArgumentError, "no block given" unless block

      _func_new(mod, name, Wasmtime._array(params), Wasmtime._array(results), block, asynchronous)
      (@blocks ||= []) << [mod.to_s, name.to_s]
      nil
    end

    def initialize_copy(*)
      raise TypeError, "use Linker#dup"
    end

    def _add_wasi
      _define_wasi
      _shadowing(true) { _define_our_wasi }
    end

    # The first import that a Ruby block answers, when there is one.
    def _block_for(mod)
      names = [*@blocks, *@typed&.keys]
      mod.imports.map { |import| [import.module, import.name] }.find { |name| names.include?(name) } if names.any?
    end

    def _pending
      @pending ||= []
    end

    # A shared memory belongs to no store; the linker defines it for the first one it works with.
    def _define_shared(store)
      @shared.each { |mod, name, memory| define(store, mod, name, memory) }
      @shared = nil
    end

    def _pending_item(mod, name)
      _pending.filter_map { |given| given.find(mod, name) }.last
    end

    # A callable under a name that define_all was given before.
    def _replace(mod, name)
      return unless _pending_item(mod, name)
      raise Error, "import of `#{mod}::#{name}` defined twice" unless @shadowing

      @typed&.delete([mod, name])
    end

    # Callables of define_all get their type from the first module that imports them; one with another type gets its own definition.
    def _define_pending(mod)
      @typed ||= {}
      mod.imports.each_with_index do |import, index|
        _define_callable(mod, import, index) if import.type.is_a?(FuncType) && @typed[[import.module, import.name]] != import.type
      end
    end

    def _define_callable(mod, import, index)
      item = _pending_item(import.module, import.name)
      block, mode = Imports.host_block(item, import.type.params.size) unless item.nil? || item.is_a?(Extern)
      return unless block

      key = [import.module, import.name]
      _shadowing(@typed.key?(key)) { _define_import(mod, index, block, mode) }
      @typed[key] = import.type
    end

    def _shadowing(needed)
      return yield unless needed

      self._allow_shadowing = true
      begin
        yield
      ensure
        self._allow_shadowing = @shadowing
      end
    end

    # A plain Error about an import becomes a LinkError that names them all; any other exception stays the object it is.
    def _explain(error, mod, store)
      return error unless LinkReport.native?(error)

      LinkReport.error(mod.imports, _found(mod, store), _pending.last, error.message)
    end

    # What the linker has for each import; with a throw-away store when there is none yet.
    def _found(mod, store)
      store ||= Store.new(mod.engine, wasi_config: WasiConfig.new)
      mod.imports.map { |import| _get(store, import.module, import.name) || _pending_item(import.module, import.name) }
    end
  end
end
