# frozen_string_literal: true

# Stores and instances made and closed: what a request costs that gets its own.
require_relative "support"

engine = Wasmtime::Engine.default
linker = Wasmtime::Linker.new(engine)
empty = Wasmtime::Module.new(engine, "(module)")
one_memory = '(module (memory (export "memory") 1))'

Bench.row("Store.new, closed at once", bar: 2.2, of: "C loop") do
  [Bench.time("Wasmtime::Store.new(engine).close", engine: engine), Bench.c_loop("store")]
end
Bench.row("Store.new, left to the GC", bar: 4.9, of: "C loop") do
  [Bench.time("Wasmtime::Store.new(engine)", engine: engine), Bench.c_loop("store")]
end

by_linker = "store = Wasmtime::Store.new(engine); linker.instantiate(store, mod); store.close"
by_pre = "store = Wasmtime::Store.new(engine); pre.instantiate(store); store.close"
Bench.row("Store.new + Linker, empty module", bar: 2.4, of: "C loop") do
  [Bench.time(by_linker, engine: engine, linker: linker, mod: empty), Bench.c_loop("linker empty")]
end
Bench.row("Store.new + InstancePre, empty module", bar: 1.6, of: "C loop") do
  [Bench.time(by_pre, engine: engine, pre: linker.instantiate_pre(empty)), Bench.c_loop("pre empty")]
end
Bench.row("Store.new + InstancePre, memory, on demand", bar: 1.1, of: "C loop") do
  pre = linker.instantiate_pre(Wasmtime::Module.new(engine, one_memory))
  [Bench.time(by_pre, engine: engine, pre: pre), Bench.c_loop("pre memory")]
end
Bench.row("Store.new + InstancePre, memory, pooling", bar: 1.3, of: "C loop") do
  pooling = Wasmtime::Engine.new(allocation_strategy: :pooling)
  pre = Wasmtime::Linker.new(pooling).instantiate_pre(Wasmtime::Module.new(pooling, one_memory))
  [Bench.time(by_pre, engine: pooling, pre: pre), Bench.c_loop("pooling pre memory")]
end
