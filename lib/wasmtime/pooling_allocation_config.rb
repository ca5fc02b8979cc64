# frozen_string_literal: true

module Wasmtime
  # How big the pool of an engine is that takes its instances from one ({Engine.new} with `allocation_strategy:`). A pool makes
  # instantiation faster and bounds what all guests together may use; it reserves address space for its largest size at once. An engine
  # copies the settings, later changes do not reach it.
  #
  # @example
  #   pool = Wasmtime::PoolingAllocationConfig.new { |config| config.total_memories = 10 }
  #   engine = Wasmtime::Engine.new(allocation_strategy: pool)
  class PoolingAllocationConfig
    # Name => a largest number or the list of choices.
    # @api private
    TABLE = Ractor.make_shareable(_options)
    private_constant :TABLE
    private_class_method :_options

    class << self
      # Creates settings: Wasmtime's defaults, changed by keywords named as the setters, and then by the block.
      # @param options [Hash] settings by name
      # @yieldparam config [PoolingAllocationConfig]
      # @return [PoolingAllocationConfig]
      # @raise [ArgumentError] for an unknown name or a bad choice
      # @raise [TypeError] for a value of the wrong type
      # @raise [RangeError] for a number out of range
      # @example
      #   Wasmtime::PoolingAllocationConfig.new(total_memories: 10, max_memory_size: 1 << 20)
      def new(**options)
        config = _new
        options.each { |name, value| config.__send__(:set, name, value) unless value.nil? }
        yield config if block_given?
        config
      end

      # @!method self.memory_protection_keys_available?
      #   Whether this machine can protect memories of a pool from each other by protection keys.
      #   @return [Boolean]
    end

    # @!method inspect
    #   All settings, in Wasmtime's words.
    #   @return [String]

    # @!macro [new] setting
    #   @return [Object] the value
    #   @raise [TypeError] when the value has the wrong type
    #   @raise [RangeError] when the number is out of range

    # @!method max_unused_warm_slots=(count)
    #   Slots that are kept ready for the module they held before.
    #   @param count [Integer]
    #   @macro setting
    # @!method decommit_batch_size=(count)
    #   Memories given back to the operating system together.
    #   @param count [Integer]
    #   @macro setting
    # @!method async_stack_keep_resident=(bytes)
    #   Bytes of each stack that stay resident instead of being given back.
    #   @param bytes [Integer]
    #   @macro setting
    # @!method linear_memory_keep_resident=(bytes)
    #   Bytes of each memory that stay resident instead of being given back.
    #   @param bytes [Integer]
    #   @macro setting
    # @!method table_keep_resident=(bytes)
    #   Bytes of each table that stay resident instead of being given back.
    #   @param bytes [Integer]
    #   @macro setting
    # @!method total_component_instances=(count)
    #   Component instances alive at once.
    #   @param count [Integer]
    #   @macro setting
    # @!method max_component_instance_size=(bytes)
    #   Bytes of bookkeeping for one component instance.
    #   @param bytes [Integer]
    #   @macro setting
    # @!method max_core_instances_per_component=(count)
    #   Core instances in one component.
    #   @param count [Integer]
    #   @macro setting
    # @!method max_memories_per_component=(count)
    #   Memories in one component.
    #   @param count [Integer]
    #   @macro setting
    # @!method max_tables_per_component=(count)
    #   Tables in one component.
    #   @param count [Integer]
    #   @macro setting
    # @!method total_memories=(count)
    #   Memories alive at once.
    #   @param count [Integer]
    #   @macro setting
    # @!method total_tables=(count)
    #   Tables alive at once.
    #   @param count [Integer]
    #   @macro setting
    # @!method total_stacks=(count)
    #   Stacks of asynchronous calls alive at once.
    #   @param count [Integer]
    #   @macro setting
    # @!method total_core_instances=(count)
    #   Core instances alive at once.
    #   @param count [Integer]
    #   @macro setting
    # @!method max_core_instance_size=(bytes)
    #   Bytes of bookkeeping for one core instance.
    #   @param bytes [Integer]
    #   @macro setting
    # @!method max_tables_per_module=(count)
    #   Tables in one module.
    #   @param count [Integer]
    #   @macro setting
    # @!method table_elements=(count)
    #   Elements in one table.
    #   @param count [Integer]
    #   @macro setting
    # @!method max_memories_per_module=(count)
    #   Memories in one module.
    #   @param count [Integer]
    #   @macro setting
    # @!method max_memory_size=(bytes)
    #   Bytes in one memory.
    #   @param bytes [Integer]
    #   @macro setting
    # @!method total_gc_heaps=(count)
    #   Heaps of garbage-collected objects alive at once.
    #   @param count [Integer]
    #   @macro setting
    # @!method max_memory_protection_keys=(count)
    #   Protection keys the pool may take.
    #   @param count [Integer]
    #   @macro setting
    # @!method memory_protection_keys=(choice)
    #   Whether memories are packed closer and protected from each other by protection keys.
    #   @param choice [Symbol] :auto, :yes or :no
    #   @return [Object] the value
    #   @raise [TypeError] when the value is no Symbol
    #   @raise [ArgumentError] for another Symbol
    #
    # Text, not blocks: a method defined by a block belongs to one Ractor.
    TABLE.each_key do |name|
      class_eval <<~RUBY, __FILE__, __LINE__ + 1
        def #{name}=(value)       # def total_memories=(value)
          set(:#{name}, value)    #   set(:total_memories, value)
        end                       # end
      RUBY
    end

    private

    def set(name, value)
      Engine.const_get(:Options).known!(name, TABLE.keys)
      raise TypeError, "option #{name}: expected a value, got nil" if value.nil?

      unit = name.end_with?("_size", "_resident") && name != :decommit_batch_size ? "bytes" : "a count"
      _set(name.name, *Engine.const_get(:Options).check(name, TABLE.fetch(name), value, unit))
    end
  end
end
