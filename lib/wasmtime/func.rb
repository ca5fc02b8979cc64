# frozen_string_literal: true

module Wasmtime
  # A function of a {Store}: exported by an instance, or made from a Ruby block.
  #
  # Values convert by type. `i32` takes -2**31..2**32-1 and `i64` takes -2**63..2**64-1, both come back signed; `f32` and `f64` take any
  # Numeric; `funcref` is a Func or nil; `externref` is any Ruby object, nil being null.
  #
  # @example
  #   add = instance.export("add")
  #   add.call(1, 2)                  # => 3
  #   [1, 2, 3].map(&instance["neg"]) # => [-1, -2, -3]
  class Func
    include Extern

    # Makes a function of a Ruby block.
    #
    # @param store [Store] the store it belongs to
    # @param params [Array<Symbol, ValType>] parameter types, such as `[:i32, :i64]`
    # @param results [Array<Symbol, ValType>] result types
    # @yield [caller, *args] on each call from wasm or from Ruby
    # @yieldparam caller [Caller] the instance that calls; valid during the block
    # @yieldreturn [Object, Array] the result, or an Array of results; ignored when there are none
    # @return [Func]
    # @raise [ArgumentError] without a block, or for a type that does not exist
    # @raise [StoreError] when the store is closed or busy
    # @example
    #   Wasmtime::Func.new(store, [:i32], [:i32]) { |_caller, n| n * 2 }.call(21) # => 42
    def self.new(store, params, results, &block)
      raise ArgumentError, "no block given" unless block

      _new(store, Wasmtime._array(params), Wasmtime._array(results), block, 0)
    end
    private_class_method :_new, :_for_import

    # @!method call(*args, timeout: nil, gvl: nil)
    #   Calls the function. Any exception a host block raises on the way arrives here as the same object.
    #   @param args [Array<Object>] one value for each parameter
    #   @param timeout [Numeric, nil] seconds the call may take, host blocks included; none when nil. A host block is not cut short: the call ends
    #     when it returns.
    #   @param gvl [:release, :hold, nil] `:release` (or false) lets other Ruby threads run at the same time, host blocks take the GVL back;
    #     `:hold` (or true) keeps the GVL, which is cheaper for short calls; nil leaves it to the store ({Store.new})
    #   @return [Object, Array, nil] the result, an Array of several, nil for none
    #   @raise [ArgumentError] for a wrong number of arguments, or keywords that are no call options
    #   @raise [TypeError, RangeError] for a value that does not fit its type; the message names the parameter
    #   @raise [Trap] when the guest traps
    #   @raise [TimeoutError] when the call took longer than its timeout
    #   @raise [Error] for a timeout with an engine made with `interruptible: false`
    #   @raise [StoreError] when the store is closed or busy
    # @!method params
    #   @return [Array<Symbol, ValType>] the parameter types
    # @!method results
    #   @return [Array<Symbol, ValType>] the result types
    # @!method arity
    #   @return [Integer] how many arguments it takes
    # @!method store
    #   @return [Store] the store it belongs to
    # @!method ==(other)
    #   @param other [Object]
    #   @return [Boolean] whether both are the same function of the same store
    # @!method eql?(other)
    #   @param other [Object]
    #   @return [Boolean] as {#==}
    # @!method hash
    #   @return [Integer] the same for the same function

    # @return [FuncType] its type
    def type
      FuncType.new(params, results)
    end

    # Begins an async call; see {CallFuture}.
    # @param args [Array<Object>] one value for each parameter
    # @param timeout [Numeric, nil] seconds the call may take from now on, until it is over; none when nil
    # @return [CallFuture]
    # @raise [ArgumentError] for a wrong number of arguments, or a timeout that is not above 0
    # @raise [TypeError, RangeError] for a value that does not fit its type
    # @raise [StoreBusyError] when the store is running something else, an async call too
    # @raise [Error] for a store with WASI
    def call_async(*args, timeout: nil)
      CallFuture.__send__(:_call, self, args, timeout && CallOptions.seconds(timeout))
    end

    # The function as a lambda, the same object each time.
    # @return [Proc]
    # @example
    #   [1, 2].map(&func)
    def to_proc
      _lambda || (self._lambda = method(:call).to_proc)
    end

    private

    # What `call` does when it is given keywords.
    def _call_with_options(*args, **options)
      CallOptions.apply(store, options) { call(*args) }
    end
  end
end
