# frozen_string_literal: true

require_relative "slots"

module Wasmtime
  class Plugin
    # The engines of plugins, one of each kind for the whole process. The pooling one has room for {SLOTS} calls at a time; its address space is
    # reserved and costs nothing until guests use it.
    # @api private
    module Engines
      # Fresh instances at a time, of all plugins together.
      SLOTS = 64
      POOL = {
        # A guest's heap of garbage-collected objects is a memory too.
        total_memories: SLOTS * 2, max_memory_size: 4 << 30, max_memories_per_module: 1, max_memories_per_component: 1,
        total_tables: SLOTS * 4, max_tables_per_module: 4, max_tables_per_component: 4, table_elements: 1 << 20,
        total_core_instances: SLOTS * 16, max_core_instances_per_component: 15, total_component_instances: SLOTS, total_gc_heaps: SLOTS,
        # The first kilobytes of a memory are cleared, which is faster than asking the system for new pages.
        linear_memory_keep_resident: 128 << 10, table_keep_resident: 16 << 10
      }.freeze
      private_constant :POOL

      # An engine, how many instances it has room for (nil for any number), and whether it counts fuel.
      Room = Struct.new(:engine, :slots, :metered)

      @lock = Mutex.new
      @rooms = {}

      class << self
        # For an instance per call.
        # @param metered [Boolean] whether it counts fuel
        # @return [Room]
        def pooling(metered)
          once([:pooling, metered]) do
            Room.new(Engine.new(consume_fuel: metered, allocation_strategy: PoolingAllocationConfig.new(**POOL)), Slots.new(SLOTS, leaky: true),
                     metered)
          rescue Wasmtime::Error
            # The address space is not there (`ulimit -v`): without a pool each instance takes some as it comes.
            Room.new(Engine.new(consume_fuel: metered), nil, metered)
          end
        end

        # For instances that are kept, and for what does not fit in the pool.
        # @return [Room]
        def on_demand(metered)
          once([:on_demand, metered]) { Room.new(Engine.new(consume_fuel: metered), nil, metered) }
        end

        # An engine that the host has chosen. It takes care of its pool, if it has one.
        # @param engine [Engine]
        # @param limits [Limits]
        # @return [Room]
        # @raise [ArgumentError] when it cannot keep the limits
        def own(engine, limits)
          raise TypeError, "engine: expected a Wasmtime::Engine, got #{engine.class}" unless engine.is_a?(Engine)

          metered = can?(engine, &:get_fuel)
          able = limits.timeout.nil? || can?(engine) { |store| CallOptions.within(store, timeout: 1) { nil } }
          raise ArgumentError, "limits: timeout needs an engine whose guests can be interrupted: without interruptible: false" unless able
          return Room.new(engine, nil, metered) if metered || limits.fuel.nil?

          raise ArgumentError, "limits: fuel needs an engine that counts it: Wasmtime::Engine.new(consume_fuel: true), or none at all"
        end

        private

        def can?(engine, &)
          Store.open(engine, &)
          true
        rescue Wasmtime::Error
          false
        end

        def once(key)
          @lock.synchronize { @rooms[key] ||= yield }
        end
      end
    end
    private_constant :Engines
  end
end
