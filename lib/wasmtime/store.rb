# frozen_string_literal: true

module Wasmtime
  # Where instances live with their memories, tables and globals. A store is used by one thread at a time; a second one gets a
  # {StoreBusyError}. It is freed by Ruby's GC, or at once by {#close}.
  #
  # @example
  #   Wasmtime::Store.open(limits: { memory_size: 10 << 20 }) do |store|
  #     Wasmtime::Instance.new(store, mod).invoke("run")
  #   end
  class Store
    # What `limits:` may name.
    LIMITS = %i[memory_size table_elements instances tables memories].freeze

    class << self
      # Makes a store, gives it to the block and closes it when the block ends, however it ends.
      # @param engine [Engine]
      # @param data [Object]
      # @param options [Hash] as for {new}
      # @yieldparam store [Store]
      # @return [Object] what the block returns
      # @raise [ArgumentError] without a block
      def open(engine = Engine.default, data = nil, **options)
        raise ArgumentError, "no block given" unless block_given?

        store = new(engine, data, **options)
        begin
          yield store
        ensure
          store.close
        end
      end

      private

      # What `new` does when it is given options, or no engine.
      def _new_with_options(engine = Engine.default, data = nil, limits: nil, wasi_config: nil, wasi_p1_config: nil, gvl: nil, offload: false)
        release = CallOptions.released?(gvl)
        config = _wasi(wasi_config, wasi_p1_config)
        store = _new(engine, data)
        store.set_limits(**_hash(limits)) unless limits.nil?
        config&._steps { |steps| store.__send__(:_configure_wasi, steps) }
        store.__send__(:_offload) if offload
        store.__send__(:_releases=, release) unless release.nil?
        store
      end

      # A store has one WASI, whichever of the two names it was given by.
      def _wasi(config, p1_config)
        given = config || p1_config
        if p1_config && !given.equal?(p1_config)
          raise ArgumentError, "wasi_config and wasi_p1_config differ: a store has one WASI, so give it one of them"
        end
        return given if given.nil? || given.is_a?(WasiConfig)

        raise TypeError, "wasi_config: expected a Wasmtime::WasiConfig, got #{given.class}"
      end

      def _hash(limits)
        Hash.try_convert(limits) || raise(TypeError, "limits: expected a Hash, got #{limits.class}")
      end
    end
    private_class_method :_new

    # @!method self.new(engine = Engine.default, data = nil, limits: nil, wasi_config: nil, wasi_p1_config: nil, gvl: nil, offload: false)
    #   @param engine [Engine] the engine its modules were made with
    #   @param data [Object] anything host blocks should find as {Caller#store_data}
    #   @param limits [Hash{Symbol => Integer, nil}, nil] `memory_size` (bytes a memory may have), `table_elements` (elements a table may
    #     have), `instances`, `tables`, `memories` (how many the store may hold); nil means unlimited
    #   @param wasi_config [WasiConfig, nil] what the store's WASI may see of the world; read, and its files opened, now
    #   @param wasi_p1_config [WasiConfig, nil] the same under the name of the older gem
    #   @param gvl [:release, :hold, nil] whether its calls run without the GVL, so that other Ruby threads run at the same time, guests among
    #     them. Releasing costs each call some 0.1 us, and as much for each host block. nil holds it, unless the guest may wait for another
    #     thread: when its standard input is a file or this process's own, and when the engine has `shared_memory: true`.
    #   @param offload [Boolean] whether the calls of a fiber that a Fiber scheduler drives (Async, say) run on another thread, and by default
    #     without the GVL, while the scheduler goes on: host blocks may sleep and wait there, and a guest that takes its time stalls nobody.
    #     What belongs to a thread does not come along: host blocks see other thread-locals and fiber-locals, run without the scheduler, and a
    #     `throw` to a `catch` around the call is an UncaughtThrowError. Calls outside of a scheduler's fibers are as without the option.
    #   @return [Store]
    #   @raise [ArgumentError] for a limit that does not exist, or a text of the WASI configuration with a NUL byte
    #   @raise [EncodingError] for a text of the WASI configuration that is not UTF-8
    #   @raise [Error] for a file or directory of the WASI configuration that cannot be opened
    #   @raise [TypeError] for a limit that is no Integer, or a WASI configuration that is none

    # @!method data
    #   @return [Object] the data given to {new}
    #   @raise [StoreClosedError] when closed
    # @!method data=(data)
    #   Changes what host blocks find as {Caller#store_data}.
    #   @param data [Object] replaces the data given to {new}
    #   @return [Object]
    #   @raise [StoreClosedError] when closed
    # @!method gc
    #   Collects garbage in the guest's heap: externrefs the guest let go of, and GC objects.
    #   @return [nil]
    #   @raise [StoreError] when closed or busy
    # @!method get_fuel
    #   @return [Integer] fuel left
    #   @raise [Error] unless the engine has `consume_fuel: true`
    # @!method set_fuel(fuel)
    #   Sets how much the guest may consume from now on.
    #   @param fuel [Integer] how much the guest may consume from now on
    #   @return [nil]
    #   @raise [Error] unless the engine has `consume_fuel: true`
    # @!method set_epoch_deadline(ticks)
    #   Interrupts the guest when the engine's epoch has advanced by so many ticks.
    #   @param ticks [Integer]
    #   @return [nil]
    #   @raise [Error] unless the engine has `epoch_interruption: true`
    #   @example
    #     engine = Wasmtime::Engine.new(epoch_interruption: true)
    #     engine.start_epoch_interval(10)
    #     Wasmtime::Store.new(engine).set_epoch_deadline(5) # at most 50 ms from now
    # @!method linear_memory_limit_hit?
    #   @return [Boolean] whether a memory was refused growth by `memory_size`
    #   @raise [StoreClosedError] when closed
    # @!method max_linear_memory_consumed
    #   @return [Integer] the most bytes a single memory had or asked for
    #   @raise [StoreClosedError] when closed
    # @!method host_calls
    #   @return [Integer] how many times guests have called host blocks; WASI's functions do not count
    #   @raise [StoreClosedError] when closed
    # @!method interrupt
    #   Makes the call under way end with a {Trap} whose code is :interrupt, or with nothing when there is none: the next call is not touched.
    #   For other threads. A host block that is running is not cut short: the call ends when it returns.
    #   @return [nil]
    #   @example
    #     worker = Thread.new { instance.invoke("run") }
    #     store.interrupt
    # @!method close
    #   Frees the store and everything in it now. Objects that came from it raise {StoreClosedError} afterwards.
    #   @return [Boolean] true, or false when it was closed already
    #   @raise [StoreBusyError] while wasm or a host block runs in it, or a memory view is open
    # @!method closed?
    #   @return [Boolean] whether {#close} has ended it

    # Makes async calls yield whenever they have used so much fuel: {CallFuture#poll} returns then. From then on the store takes async calls only.
    # @param interval [Integer, nil] units of fuel; nil or 0 for never
    # @return [Integer, nil]
    # @raise [Error] unless the engine has `consume_fuel: true`
    # @raise [StoreError] when closed or busy
    def fuel_async_yield_interval=(interval)
      self._fuel_async_yield_interval = interval || 0
    end

    # Makes async calls yield, instead of ending them, when the engine's epoch reaches the deadline, and puts the deadline off.
    # @param ticks [Integer, nil] from now, and from each yield, until the next deadline; nil to end calls again
    # @return [nil]
    # @raise [Error] unless the engine has `epoch_interruption: true`
    # @raise [StoreError] when closed or busy
    def epoch_deadline_async_yield_and_update(ticks)
      self._epoch_yield = ticks
      nil
    end

    # Lets a block decide what happens when the engine's epoch reaches the deadline: the guest goes on for so many ticks, or the call ends
    # with a {Trap} whose code is :interrupt, as without a block. What the block raises leaves the call. It must not call into the store, whose
    # guest stands still in the middle of its work.
    # @yieldparam store [Store] this store
    # @yieldreturn [Integer, :trap] ticks from now until the next deadline, at least 1
    # @return [nil]
    # @raise [ArgumentError] without a block
    # @raise [Error] unless the engine has `epoch_interruption: true`
    # @raise [StoreError] when closed or busy
    # @example
    #   slices = 0
    #   store.on_epoch_deadline { (slices += 1) < 100 ? 1 : :trap }
    def on_epoch_deadline(&block)
      raise ArgumentError, "no block given" unless block

      self._epoch_block = block
      nil
    end

    # Changes limits; those not named stay as they are.
    # @param limits [Hash{Symbol => Integer, nil}] as `limits:` of {new}
    # @return [nil]
    # @raise [ArgumentError] for a limit that does not exist
    # @raise [TypeError] for a limit that is no Integer
    def set_limits(**limits)
      limits.each do |name, value|
        unless LIMITS.include?(name)
          near = DidYouMean::SpellChecker.new(dictionary: LIMITS).correct(name).first
          raise ArgumentError, "unknown limit: #{name.inspect}#{", did you mean #{near.inspect}?" if near} (known: #{LIMITS.join(', ')})"
        end

        limit(name, value)
      end
      nil
    end

    # @return [String] what it is, to be read by people
    def inspect
      "#<Wasmtime::Store#{' closed' if closed?}>"
    end

    private

    def limit(name, value)
      _set_limit(name.name, value)
    rescue TypeError
      raise TypeError, "#{name}: no implicit conversion of #{value.class} into Integer"
    end

    # Instances of components, whose resources may need them for their methods.
    def _keep_instance(instance)
      (@component_instances ||= []) << instance
    end

    # The resource of a type, as an instance in this store exports it.
    def _resource_class(type)
      scopes = (@component_instances || []).flat_map(&:_scopes)
      scopes.each do |scope|
        name = scope.exports.find { |key, item| item.is_a?(Component::ResourceType) && scope.get_resource(key) == type }&.first
        return scope[name] if name
      end
      nil
    end
  end
end
