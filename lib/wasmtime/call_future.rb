# frozen_string_literal: true

module Wasmtime
  # A call, or an instantiation, that runs in steps: {Func#call_async}, {Instance#invoke_async}, {Linker#instantiate_async} and
  # {InstancePre#instantiate_async} begin one, {#poll} runs a step, {#value} runs them all. Between two steps other Ruby threads and fibers get
  # their turn, so that under a Fiber scheduler one thread runs many guests.
  #
  # The guest yields every few milliseconds, whenever it has used the fuel of {Store#fuel_async_yield_interval=}, and whenever it calls a block
  # of {Linker#func_new_async}: those run inside {#poll}, on Ruby's stack, where they may sleep or wait for I/O. They may use the store's memories,
  # tables and globals, but not call into wasm. Other host blocks cannot be called: Wasmtime runs the guest on a stack that Ruby knows nothing of.
  #
  # A store has one call under way at a time and is busy meanwhile. Stores with WASI take none.
  #
  # @example
  #   linker.func_new_async("http", "get", [:i32], [:i32]) { |_caller, id| fetch(id) }
  #   instance = linker.instantiate_async(store, mod).value
  #   future = instance.invoke_async("run", 7)
  #   until future.poll
  #     # other work
  #   end
  #   future.value
  class CallFuture
    # @!method store
    #   @return [Store] the store it runs in

    # Runs the guest until it yields or ends, and the async host blocks it calls on the way.
    # @return [Boolean] whether the call is over: {#value} has what it came to
    # @raise [StoreBusyError] when another thread or fiber is polling it
    # @raise [StoreError] after {#cancel}, or on a fiber that must not enter wasm
    # @raise [Exception] what is no StandardError and left a host block
    def poll
      @done || step
    end

    # @return [Boolean] whether the call is over
    def done?
      @done || !_pending?
    end

    # Waits until the call is over, giving way to other threads, or to the Fiber scheduler, between two steps.
    # @return [self]
    # @raise [StoreError] after {#cancel}
    def wait
      give_way until poll
      self
    end

    # What the call came to; waits for it like {#wait}.
    # @return [Object, Array, Instance, nil] as {Func#call} returns it, or the instance
    # @raise [Trap, TimeoutError, WasmException] as {Func#call}
    # @raise [StandardError] what left a host block, as the same object
    # @raise [StoreError] after {#cancel}
    def value
      wait
      raise @error if @error

      @value
    end

    # Ends the call where it is; its wasm is unwound, the store can be used again.
    # @return [Boolean] whether it was still under way
    # @raise [StoreBusyError] from inside one of its host blocks
    def cancel
      @done ? false : _cancel
    end

    # @return [String] what it is, to be read by people
    def inspect
      "#<Wasmtime::CallFuture #{done? ? 'done' : 'under way'}>"
    end

    private

    def step
      outcome = _poll
      return false unless outcome

      @value = outcome.first
      @done = true
    rescue StandardError => e
      raise if _pending? || e.instance_of?(StoreError)

      @error = e
      @done = true
    end

    def give_way
      Fiber.current_scheduler ? sleep(0) : Thread.pass
    end
  end
end
