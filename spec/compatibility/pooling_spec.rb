# frozen_string_literal: true

RSpec.describe "compatibility: Wasmtime::PoolingAllocationConfig" do
  shown = {
    total_memories: "total_memories", total_tables: "total_tables", max_memories_per_module: "max_memories_per_module",
    max_tables_per_module: "max_tables_per_module", async_stack_keep_resident: "async_stack_keep_resident",
    linear_memory_keep_resident: "linear_memory_keep_resident", max_component_instance_size: "component_instance_size",
    max_core_instance_size: "core_instance_size", max_memories_per_component: "max_memories_per_component",
    max_tables_per_component: "max_tables_per_component", max_memory_protection_keys: "max_memory_protection_keys",
    max_unused_warm_slots: "max_unused_warm_slots", max_memory_size: "max_memory_size", table_elements: "table_elements",
    table_keep_resident: "table_keep_resident", total_component_instances: "total_component_instances",
    total_core_instances: "total_core_instances", total_stacks: "total_stacks"
  }

  compatibility(shown.map { |name, text| ["pool.#{name} = 3; pool.inspect[/\\b#{text}: 3\\b/]", "#{text}: 3"] })

  compatibility [
    ["Wasmtime::PoolingAllocationConfig.superclass", Object],
    ["Wasmtime::PoolingAllocationConfig.new.class", Wasmtime::PoolingAllocationConfig],
    ["Wasmtime::PoolingAllocationConfig.new { |c| c.total_memories = 1 }.inspect", /\btotal_memories: 1,/],
    ["Wasmtime::PoolingAllocationConfig.new { |c| c.class }.class", Wasmtime::PoolingAllocationConfig],
    ["[true, false].include?(Wasmtime::PoolingAllocationConfig.memory_protection_keys_available?)", true],
    ["pool.inspect", /\A#<Wasmtime::PoolingAllocationConfig inner=.+>\z/m],
    ["pool.max_component_instance_size = 1; pool.inspect", /\bcomponent_instance_size: 1,/],
    ["pool.memory_protection_keys = :yes; pool.inspect", /memory_protection_keys: Yes/],
    ["pool.memory_protection_keys = :no; pool.inspect", /memory_protection_keys: No/],
    ["pool.memory_protection_keys = :auto; pool.inspect", /memory_protection_keys: Auto/],
    ["pool.memory_protection_keys = :nope", ArgumentError, "invalid :memory_protection_keys, expected one of [:auto, :yes, :no], got :nope"],
    ["pool.total_memories = 'x'", TypeError, /String/],
    ["pool.total_memories = -1", RangeError, /-1/],
    ["(pool.total_memories = 5)", 5],
    # The other gem sets max_tables_per_component here.
    ["pool.max_tables_per_module = 7; pool.inspect[/max_tables_per_component: \\d+/] == " \
     "Wasmtime::PoolingAllocationConfig.new.inspect[/max_tables_per_component: \\d+/]", true],
    ["pool.respond_to?(:decommit_batch_size=)", true],
    ["engine(allocation_strategy: pool.tap { |c| c.total_core_instances = 1 }); instance(ADD); instance(ADD)",
     Wasmtime::PoolExhaustedError, /maximum concurrent limit of 1/],
    ["Wasmtime::PoolingAllocationConfig.allocate", TypeError, /allocator undefined/],
    ["pool.dup", TypeError, /Wasmtime::PoolingAllocationConfig/]
  ]
end
