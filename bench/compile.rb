# frozen_string_literal: true

# Compiling, with and without the cache.
require_relative "support"
require "tmpdir"

functions = Array.new(2_000) do |number|
  <<~WAT
    (func (export "f#{number}") (param $a i32) (param $b i32) (result i32) (local $i i32)
      (loop $again
        (local.set $a (i32.xor (i32.mul (local.get $a) (i32.const #{(number * 2) + 1})) (local.get $i)))
        (if (i32.gt_u (local.get $a) (local.get $b))
          (then (local.set $b (i32.add (local.get $b) (i32.load (i32.and (local.get $a) (i32.const 65528))))))
          (else (i32.store (i32.and (local.get $b) (i32.const 65528)) (local.get $a))))
        (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const #{number}))))
      (i32.add (local.get $a) (local.get $b)))
  WAT
end

Dir.mktmpdir do |folder|
  wasm = Wasmtime.wat2wasm("(module (memory 1) #{functions.join})")
  path = File.join(folder, "functions.wasm")
  File.binwrite(path, wasm)
  compile = "Wasmtime::Module.new(engine, wasm)"
  compiled = nil

  Bench.row("Module.new, 2,000 functions", bar: 1.1, of: "C loop") do
    compiled = Bench.time(compile, engine: Wasmtime::Engine.default, wasm: wasm)
    [compiled, Bench.c_loop("compile", path)]
  end
  Bench.row("Module.new, 2,000 functions, from the cache", bar: 0.02, of: "compiling") do
    config = File.join(folder, "cache.toml")
    File.write(config, "[cache]\ndirectory = #{File.join(folder, 'cache').dump}\n")
    engine = Wasmtime::Engine.new(cache: config)
    compiled ||= Bench.time(compile, engine: Wasmtime::Engine.default, wasm: wasm)
    [Bench.time(compile, engine: engine, wasm: wasm), compiled]
  end
  load = "Wasmtime.load(path, cache_dir: folder); memory.clear"
  loading = { path: path, folder: File.join(folder, "load"), memory: Wasmtime.const_get(:Cache)::MEMORY }
  Bench.row("Wasmtime.load, 2,000 functions, from its folder", bar: 0.02, of: "compiling") do
    compiled ||= Bench.time(compile, engine: Wasmtime::Engine.default, wasm: wasm)
    [Bench.time(load, **loading), compiled]
  end
  Bench.row("Wasmtime.load, 2,000 functions, from memory", bar: 0.02, of: "compiling") do
    compiled ||= Bench.time(compile, engine: Wasmtime::Engine.default, wasm: wasm)
    [Bench.time("Wasmtime.load(path, cache_dir: folder)", **loading), compiled]
  end
end

# `rake fixtures:yosys`
yosys = File.join(Bench::ROOT, "fixtures/yosys.wasm")
if File.file?(yosys)
  Dir.mktmpdir do |folder|
    memory = Wasmtime.const_get(:Cache)::MEMORY
    load = lambda do
      memory.clear
      start = Process.clock_gettime(Process::CLOCK_MONOTONIC, :nanosecond)
      Wasmtime.load(yosys, cache_dir: folder)
      Process.clock_gettime(Process::CLOCK_MONOTONIC, :nanosecond) - start
    end
    Bench.row("Wasmtime.load, yosys of 68 MB, from its folder", bar: 0.02, of: "compiling, once") do
      compiling = load.call
      [Array.new(5) { load.call }.min.to_f, compiling.to_f]
    end
  end
end
