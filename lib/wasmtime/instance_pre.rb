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

    # @!method instantiate(store)
    #   Makes an instance and runs its start function.
    #   @param store [Store] one of the same engine; when the linker holds items of a store, that store
    #   @return [Instance]
    #   @raise [Trap] when the start function traps
    #   @raise [StoreError] when the store is closed or busy
    # @!method module
    #   @return [Module] the module it instantiates
  end
end
