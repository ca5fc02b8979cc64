# frozen_string_literal: true

RSpec.describe Wasmtime::PoolingAllocationConfig do
  let(:config) { described_class.new }

  # Option => what Wasmtime calls it.
  settings = {
    max_unused_warm_slots: "max_unused_warm_slots", decommit_batch_size: "decommit_batch_size",
    async_stack_keep_resident: "async_stack_keep_resident", linear_memory_keep_resident: "linear_memory_keep_resident",
    table_keep_resident: "table_keep_resident", total_component_instances: "total_component_instances",
    max_component_instance_size: "component_instance_size", max_core_instances_per_component: "max_core_instances_per_component",
    max_memories_per_component: "max_memories_per_component", max_tables_per_component: "max_tables_per_component",
    total_memories: "total_memories", total_tables: "total_tables", total_stacks: "total_stacks",
    total_core_instances: "total_core_instances", max_core_instance_size: "core_instance_size",
    max_tables_per_module: "max_tables_per_module", table_elements: "table_elements", max_memories_per_module: "max_memories_per_module",
    max_memory_size: "max_memory_size", total_gc_heaps: "total_gc_heaps", max_memory_protection_keys: "max_memory_protection_keys"
  }

  settings.each do |name, field|
    it "sets #{name} and nothing else" do
      before = config.inspect
      config.public_send("#{name}=", 7)
      expect(config.inspect).to eq(before.sub(/\b#{field}: \d+/, "#{field}: 7"))
      expect(config.inspect).not_to eq(before)
    end

    it "takes #{name} as a keyword" do
      expect(described_class.new(name => 7).inspect).to match(/\b#{field}: 7\b/)
    end

    it "names #{name} when the value does not fit" do
      expect { config.public_send("#{name}=", "7") }.to raise_error(TypeError, /\Aoption #{name}: expected an Integer \(.+\), got String\z/)
      expect { config.public_send("#{name}=", -1) }.to raise_error(RangeError, /\Aoption #{name}: expected 0 to \d+, got -1\z/)
      expect { config.public_send("#{name}=", 1 << 64) }.to raise_error(RangeError, /option #{name}/)
      expect { config.public_send("#{name}=", nil) }.to raise_error(TypeError, /option #{name}/)
    end
  end

  it "refuses more slots than Wasmtime could make" do
    expect { config.total_memories = 1 << 32 }.to raise_error(RangeError, "option total_memories: expected 0 to 1000000, got 4294967296")
  end

  { auto: "Auto", yes: "Yes", no: "No" }.each do |choice, shown|
    it "sets memory_protection_keys to #{choice}" do
      config.memory_protection_keys = choice
      expect(config.inspect).to include("memory_protection_keys: #{shown}")
    end
  end

  it "refuses other protection key choices" do
    expect { config.memory_protection_keys = :maybe }
      .to raise_error(ArgumentError, "invalid :memory_protection_keys, expected one of [:auto, :yes, :no], got :maybe")
    expect { config.memory_protection_keys = true }.to raise_error(TypeError, /option memory_protection_keys/)
  end

  it "tells whether the machine has protection keys" do
    expect(described_class.memory_protection_keys_available?).to be(true).or be(false)
  end

  it "gives itself to a block, after the keywords" do
    config = described_class.new(total_memories: 1, total_tables: 2) { |given| given.total_memories = 3 }
    expect(config.inspect).to start_with("#<Wasmtime::PoolingAllocationConfig inner=").and include("total_memories: 3,", "total_tables: 2,")
  end

  it "lets an exception of the block through" do
    expect { described_class.new { raise "stop" } }.to raise_error(RuntimeError, "stop")
  end

  it "knows its options" do
    expect { described_class.new(total_memorys: 1) }.to raise_error(ArgumentError, "Unknown option: :total_memorys (did you mean :total_memories?)")
    expect { described_class.new(nope: 1) }.to raise_error(ArgumentError, "Unknown option: :nope")
  end

  it "leaves a default when the keyword is nil" do
    expect(described_class.new(total_memories: nil).inspect).to eq(config.inspect)
  end

  it "cannot exist without its native half" do
    expect { described_class.allocate }.to raise_error(TypeError)
    expect { config.dup }.to raise_error(TypeError)
  end

  it "keeps its native half to itself" do
    expect(described_class.public_methods(false) + config.public_methods(false)).not_to include(:_new, :_options, :_set, :set)
  end

  it "is copied into an engine, and may be used for another" do
    config.max_memory_size = 1 << 20
    config.total_memories = 2
    engines = Array.new(2) { Wasmtime::Engine.new(allocation_strategy: config) }
    expect(engines.uniq.size).to eq(2)
  end

  it "works in a Ractor" do
    out, = run_ruby("puts Ractor.new { Wasmtime::PoolingAllocationConfig.new(total_memories: 3).inspect[/total_memories: 3/] }.take")
    expect(out).to eq("total_memories: 3\n")
  end
end
