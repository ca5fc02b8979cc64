# frozen_string_literal: true

RSpec.describe "compatibility: Wasmtime::Engine" do
  switches = %i[
    debug_info native_unwind_info consume_fuel epoch_interruption wasm_threads wasm_multi_memory wasm_memory64 wasm_reference_types
    wasm_exceptions parallel_compilation generate_address_map async_stack_zeroing wasm_backtrace_details
  ]

  compatibility(
    switches.flat_map do |name|
      [
        ["Wasmtime::Engine.new(#{name}: true).class", Wasmtime::Engine],
        ["Wasmtime::Engine.new(#{name}: false).class", Wasmtime::Engine],
        ["Wasmtime::Engine.new(#{name}: Object.new).class", Wasmtime::Engine],
        ["Wasmtime::Engine.new(#{name}: nil).class", Wasmtime::Engine]
      ]
    end
  )

  compatibility [
    ["Wasmtime::Engine.superclass", Object],
    ["Wasmtime::Engine.new.class", Wasmtime::Engine],
    ["Class.new(Wasmtime::Engine).new.class", Wasmtime::Engine],
    ["Wasmtime::Engine.allocate", TypeError, /allocator undefined for Wasmtime::Engine/],
    ["engine.dup", TypeError, /Wasmtime::Engine/],
    ["engine.clone", TypeError, /Wasmtime::Engine/],
    ["Wasmtime::Engine.new(nil).class", Wasmtime::Engine],
    ["Wasmtime::Engine.new({ consume_fuel: true }).class", Wasmtime::Engine],
    ["Wasmtime::Engine.new(consume_fuel: true).class", Wasmtime::Engine],
    ["Wasmtime::Engine.new(3)", TypeError, "no implicit conversion of Integer into Hash"],
    ["Wasmtime::Engine.new('x')", TypeError, "no implicit conversion of String into Hash"],
    ["Wasmtime::Engine.new(nope: 1)", ArgumentError, "Unknown option: :nope"],
    ["Wasmtime::Engine.new({ 'debug_info' => true })", TypeError, /"debug_info"|String/],

    # Truthiness decides.
    ["engine(consume_fuel: 'no'); store.set_fuel(5)", nil],
    ["engine(consume_fuel: nil); store.set_fuel(5)", Wasmtime::Error, /fuel is not configured in this store/],
    ["engine(wasm_memory64: false); mod('(module (memory i64 1))')", Wasmtime::CompileError, /memory64/],
    ["engine(wasm_memory64: true); mod('(module (memory i64 1))').class", Wasmtime::Module],
    ["engine(wasm_multi_memory: false); mod('(module (memory 1) (memory 1))')", Wasmtime::CompileError, /multi/],
    ["engine(wasm_multi_memory: true); mod('(module (memory 1) (memory 1))').class", Wasmtime::Module],
    ["engine(wasm_threads: false); mod('(module (memory 1 1 shared))')", Wasmtime::CompileError, /threads/],
    ["engine(wasm_exceptions: true); mod(TAG).class", Wasmtime::Module],
    ["engine(wasm_exceptions: false); mod(TAG)", Wasmtime::CompileError, /exceptions/],
    ["engine(wasm_reference_types: false, wasm_function_references: false, wasm_gc: false); mod('(module (table 1 externref))')",
     Wasmtime::CompileError, /reference.types/],

    ["Wasmtime::Engine.new(max_wasm_stack: 1 << 20).class", Wasmtime::Engine],
    ["Wasmtime::Engine.new(max_wasm_stack: 'x')", TypeError, /max_wasm_stack/],
    ["Wasmtime::Engine.new(max_wasm_stack: 1.9 + 65536).class", Wasmtime::Engine],
    ["Wasmtime::Engine.new(max_wasm_stack: 0)", Wasmtime::Error, /max_wasm_stack/],
    # 256 KiB by default, half of what the other gem gives.
    ["instance(DEEP).invoke('f', 10_000)", Wasmtime::Trap, "wasm trap: call stack exhausted"],
    ["engine(max_wasm_stack: 512 << 10); instance(DEEP).invoke('f', 10_000)", 10_000],
    ["[:none, :speed, :speed_and_size].map { |level| Wasmtime::Engine.new(cranelift_opt_level: level).class }.uniq", [Wasmtime::Engine]],
    ["Wasmtime::Engine.new(cranelift_opt_level: :nope)", ArgumentError,
     "invalid :cranelift_opt_level, expected one of [:none, :speed, :speed_and_size], got :nope"],
    ["Wasmtime::Engine.new(profiler: :none).class", Wasmtime::Engine],
    ["Wasmtime::Engine.new(profiler: :nope)", ArgumentError,
     "invalid :profiler, expected one of [:none, :jitdump, :vtune, :perfmap], got :nope"],
    ["[:auto, :cranelift, :winch].map { |name| Wasmtime::Engine.new(strategy: name).class }.uniq", [Wasmtime::Engine]],
    ["engine(strategy: :winch); instance(ADD).invoke('add', 1, 2)", 3],
    ["Wasmtime::Engine.new(strategy: :nope)", ArgumentError,
     "invalid :strategy, expected one of [:auto, :cranelift, :winch], got :nope"],
    ["Wasmtime::Engine.new(target: 'x86_64-unknown-linux-gnu').class", Wasmtime::Engine],
    ["Wasmtime::Engine.new(target: nil).class", Wasmtime::Engine],
    ["Wasmtime::Engine.new(target: 'nope')", ArgumentError, /\AInvalid target: nope: Unrecognized architecture/],
    ["Wasmtime::Engine.new(target: 1)", TypeError, /String/],
    ["Wasmtime::Engine.new(allocation_strategy: :on_demand).class", Wasmtime::Engine],
    ["Wasmtime::Engine.new(allocation_strategy: :pooling).class", Wasmtime::Engine],
    ["Wasmtime::Engine.new(allocation_strategy: pool.tap { |c| c.total_memories = 1 }).class", Wasmtime::Engine],
    ["Wasmtime::Engine.new(allocation_strategy: :nope)", ArgumentError, "invalid instance allocation strategy: :nope"],

    # Epochs.
    ["engine.start_epoch_interval(10)", nil],
    ["engine.start_epoch_interval(10); engine.start_epoch_interval(20)", nil],
    ["engine.stop_epoch_interval", nil],
    ["engine.start_epoch_interval(10); engine.stop_epoch_interval; engine.stop_epoch_interval", nil],
    ["engine.start_epoch_interval", ArgumentError, /wrong number of arguments \(given 0, expected 1/],
    ["engine.start_epoch_interval('x')", TypeError, /String/],
    ["engine(epoch_interruption: true).start_epoch_interval(10); store.set_epoch_deadline(1); raised { instance(LOOP).invoke('f') }.code",
     :interrupt],
    ["engine.increment_epoch", nil],
    ["engine(epoch_interruption: true); store.set_epoch_deadline(1); engine.increment_epoch; instance(LOOP).invoke('f')",
     Wasmtime::Trap, "wasm trap: interrupt"],
    ["engine(epoch_interruption: true); store.set_epoch_deadline(2); engine.increment_epoch; instance(ADD).invoke('add', 1, 2)", 3],

    ["engine == engine.itself", true],
    ["engine == Wasmtime::Engine.new", false],
    ["engine != Wasmtime::Engine.new", true],
    ["engine == 1", false],
    ["engine == nil", false],
    ["engine.eql?(engine)", true],
    ["{ engine => 1 }[engine]", 1],

    ["engine.precompile_module(ADD).class", String],
    ["engine.precompile_module(ADD).encoding", Encoding::BINARY],
    ["engine.precompile_module(Wasmtime.wat2wasm(ADD)).class", String],
    ["engine.precompile_module(ADD.dup.freeze).class", String],
    ["code = engine.precompile_module(ADD); Wasmtime::Instance.new(store, Wasmtime::Module.deserialize(engine, code)).invoke('add', 1, 2)", 3],
    ["engine.precompile_module('(module')", Wasmtime::CompileError, /expected `\)`/],
    ["engine.precompile_module(nil)", TypeError, "no implicit conversion of nil into String"],
    ["engine.precompile_component('(component)').encoding", Encoding::BINARY],
    ["engine.precompile_component('(module)')", Wasmtime::CompileError, /component/],
    ["engine.precompile_compatibility_key", /\A\h+\z/],
    ["engine.precompile_compatibility_key.frozen?", true],
    ["engine.precompile_compatibility_key == Wasmtime::Engine.new.precompile_compatibility_key", true],
    ["engine.precompile_compatibility_key == Wasmtime::Engine.new(consume_fuel: true).precompile_compatibility_key", false],
    ["key = Ractor.make_shareable(engine).precompile_compatibility_key; key == engine.precompile_compatibility_key", true],
    ["engine.respond_to?(:precompile_compatible?)", false],

    ["Ractor.shareable?(Ractor.make_shareable(engine))", true],
    ["engine.frozen?", true],
    ["Wasmtime::Engine.default.equal?(Wasmtime::Engine.default)", true]
  ]
end
