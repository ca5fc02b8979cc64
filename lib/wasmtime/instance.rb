# frozen_string_literal: true

module Wasmtime
  # A module with memory and life of its own, in a {Store}.
  #
  # @example
  #   instance = Wasmtime::Instance.new(store, mod, { "env" => { log: ->(n) { puts n } } })
  #   instance.invoke("gcd", 6, 27)   # => 3
  #   instance.functions.gcd(6, 27)   # => 3
  class Instance
    # Instantiates a module and runs its start function.
    #
    # @param store [Store]
    # @param mod [Module]
    # @param imports [Array<Extern>, Hash, nil] the imports in the module's order, or by module and name. A callable becomes a function of
    #   the type the module asks for; it gets the wasm arguments, and the {Caller} if it has a keyword `caller:`. Instead of a Hash of names
    #   an object may stand: its public methods answer the names; or an Instance: its exports do.
    # @param options [Hash{Symbol => Object}] `timeout:` (seconds the start function may take) and `gvl:`, as {Func#call}. Other keywords are
    #   taken for imports written without braces; a module that is named like an option needs the braces.
    # @return [Instance]
    # @raise [LinkError] listing every import that is missing or does not match
    # @raise [Trap] when the start function traps
    # @raise [TimeoutError] when the start function took longer than the timeout
    # @raise [StoreError] when the store is closed or busy, or an import belongs to another store
    def self.new(store, mod, imports = (no_imports = []), **options)
      Wasmtime._check(store, Store)
      Wasmtime._check(mod, Module)
      unless options.empty?
        imports, options = _split(options) if no_imports
        return CallOptions.apply(store, options) { new(store, mod, imports) }
      end

      list = imports.nil? ? [] : Array.try_convert(imports)
      given = list ? nil : Imports.new(imports)
      items = list || given.resolve(store, mod)
      _check_count(mod, items) if list
      _new(store, mod, items)
    rescue Error => e
      raise unless LinkReport.native?(e)

      raise LinkReport.error(mod.imports, items, given, e.message)
    end

    class << self
      private

      # Keywords that are imports, and those that are options.
      def _split(keywords)
        options, imports = keywords.partition { |name, _| CallOptions::KNOWN.include?(name) }.map(&:to_h)
        [imports.empty? ? [] : imports, options]
      end

      def _check_count(mod, items)
        expected = mod.imports.size
        return if items.size == expected

        raise LinkReport.error(mod.imports, items) if items.size < expected && items.all?(Extern)

        raise Error, "expected #{expected} imports, found #{items.size}"
      end
    end
    private_class_method :_new

    # @!method exports
    #   @return [Hash{String => Func, Memory, Table, Global, Tag, SharedMemory}] frozen; the same objects each time
    #   @raise [StoreError] when the store is closed or busy
    # @!method export(name)
    #   @param name [String, Symbol]
    #   @return [Func, Memory, Table, Global, Tag, SharedMemory, nil] the export, the same object each time; nil when there is none
    #   @raise [StoreError] when the store is closed or busy
    # @!method [](name)
    #   @param name [String, Symbol]
    #   @return [Func, Memory, Table, Global, Tag, SharedMemory, nil] as {#export}
    #   @raise [StoreError] when the store is closed or busy
    # @!method invoke(name, *args, timeout: nil, gvl: nil)
    #   Calls an exported function.
    #   @param name [String, Symbol]
    #   @param args [Array<Object>] one value for each parameter
    #   @param timeout [Numeric, nil] seconds, as {Func#call}
    #   @param gvl [:release, :hold, nil] as {Func#call}
    #   @return [Object, Array, nil] as {Func#call}
    #   @raise [Error] "function ... not found"
    #   @raise [ArgumentError, TypeError, RangeError, Trap, TimeoutError, StoreError] as {Func#call}
    # @!method store
    #   @return [Store] the store it lives in

    # Begins an async call of an exported function; see {CallFuture}.
    # @param name [String, Symbol]
    # @param args [Array<Object>] one value for each parameter
    # @param timeout [Numeric, nil] seconds the call may take from now on, until it is over; none when nil
    # @return [CallFuture]
    # @raise [Error] "function ... not found", or for a store with WASI
    # @raise [ArgumentError, TypeError, RangeError, StoreError] as {Func#call_async}
    def invoke_async(name, *args, timeout: nil)
      func = export(name)
      raise Error, "function #{name.to_s.inspect} not found" unless func.is_a?(Func)

      func.call_async(*args, timeout: timeout)
    end

    # @return [Functions] the exported functions as methods
    # @example
    #   instance.functions.gcd(6, 27)
    def functions
      @functions ||= Functions.new(self)
    end

    # Copies a String into the guest's memory for the time of a block.
    #
    # @param string [String]
    # @param allocate [String, Symbol] the guest's function that takes a size in bytes and gives a pointer
    # @param free [String, Symbol, nil] the guest's function that takes the pointer, or pointer and size; nil to free nothing
    # @param memory [String, Symbol] the memory's name
    # @yieldparam pointer [Integer] where the bytes are
    # @yieldparam length [Integer] how many
    # @return [Object] what the block returns
    # @raise [Error] when an export is missing, or the guest gives no memory
    # @example
    #   instance.with_bytes(source) { |pointer, length| instance.invoke("parse", pointer, length) }
    def with_bytes(string, allocate: "malloc", free: "free", memory: "memory")
      bytes = Wasmtime._string(string)
      pointer = _allocate(allocate, bytes.bytesize)
      begin
        _memory(memory).write(pointer, bytes)
        yield pointer, bytes.bytesize
      ensure
        _release(free, pointer, bytes.bytesize) if free && !store.closed?
      end
    end

    # @return [String] what it is, to be read by people
    def inspect
      "#<Wasmtime::Instance #{store.closed? ? '(store closed)' : exports.keys.join(' ')}>"
    rescue StoreError
      "#<Wasmtime::Instance (store busy)>"
    end

    private

    # What `invoke` does when it is given keywords.
    def _invoke_with_options(name, *args, **options)
      CallOptions.apply(store, options) { invoke(name, *args) }
    end

    def _allocate(name, size)
      # A guest may give NULL for nothing at all.
      pointer = invoke(name, [size, 1].max) & 0xffff_ffff
      raise Error, "#{name}(#{size}) gave no memory" if pointer.zero?

      pointer
    end

    def _memory(name)
      export(name)&.to_memory || raise(Error, "memory #{name.inspect} not found")
    end

    def _release(name, pointer, size)
      func = export(name)&.to_func || raise(Error, "function #{name.inspect} not found")
      func.arity == 2 ? func.call(pointer, size) : func.call(pointer)
    end

    def _function(name)
      func = export(name)
      func if func.is_a?(Func)
    end

    def _function_names
      exports.filter_map { |name, item| name.to_sym if item.is_a?(Func) }
    end

    def _did_you_mean(name)
      names = _function_names.map(&:name)
      near = DidYouMean::SpellChecker.new(dictionary: names).correct(name.to_s).first
      near ? ", did you mean #{near.inspect}?" : ""
    end
  end
end
