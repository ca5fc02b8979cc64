# frozen_string_literal: true

module Wasmtime
  # A module whose imports a {Linker} has resolved once, to be instantiated in many stores: the fastest way to a fresh instance.
  #
  # @example
  #   pre = linker.instantiate_pre(mod)
  #   Wasmtime::Store.open { |store| pre.instantiate(store).invoke("run") }
  class InstancePre
    class << self
      undef_method :new
    end

    # @!method instantiate(store, timeout: nil, gvl: nil)
    #   Makes an instance and runs its start function.
    #   @param store [Store] one of the same engine; when the linker holds items of a store, that store
    #   @param timeout [Numeric, nil] seconds the start function may take; none when nil
    #   @param gvl [:release, :hold, nil] whether it runs without the GVL, as {Func#call}
    #   @return [Instance]
    #   @raise [Trap] when the start function traps
    #   @raise [TimeoutError] when the start function took longer than the timeout
    #   @raise [StoreError] when the store is closed or busy
    # @!method module
    #   @return [Module] the module it instantiates

    # Begins an async instantiation; see {CallFuture}.
    # @param store [Store] a store of the same engine
    # @param timeout [Numeric, nil] seconds it may take from now on, start function included; none when nil
    # @return [CallFuture] whose value is the {Instance}
    # @raise [ArgumentError] for a timeout that is not above 0
    # @raise [StoreBusyError] when the store is running something else
    # @raise [Error] for a store of another engine, or one with WASI
    def instantiate_async(store, timeout: nil)
      Wasmtime._check(store, Store)
      CallFuture.__send__(:_pre, self, store, timeout && CallOptions.seconds(timeout))
    end

    # @return [String] what it is, to be read by people
    def inspect
      "#<Wasmtime::InstancePre>"
    end

    # Freezes it, as `Ractor.make_shareable` does: then Ractors can share it and make instances in stores of their own. One whose linker holds
    # a Ruby block, or items of a store, belongs to one Ractor.
    # @return [self]
    # @raise [Ractor::Error] when the linker holds a Ruby block or items of a store; the message names the import
    # @example
    #   pre = Ractor.make_shareable(linker.instantiate_pre(mod))
    #   Ractor.new(pre) { |shared| shared.instantiate(Wasmtime::Store.new(shared.module.engine)).invoke("run") }
    def freeze
      return super if _free_of_ruby?

      held = @held_by ? "the import `#{@held_by.join('::')}` is a Ruby block" : "its linker holds Ruby blocks or items of a store"
      raise Ractor::Error, "can not share the InstancePre: #{held}, which belongs to one Ractor; make the linker and the InstancePre there"
    end

    private

    def _held_by=(import)
      @held_by = import unless _free_of_ruby?
    end

    # What `instantiate` does when it is given keywords.
    def _instantiate_with_options(store, timeout: nil, gvl: nil)
      Wasmtime._check(store, Store)
      CallOptions.within(store, timeout: timeout, gvl: gvl) { instantiate(store) }
    end
  end
end
