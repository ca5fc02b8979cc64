# frozen_string_literal: true

# Calls of plugins. The floors are times that are allowed, so a ratio of 1 is the bar: what goes on in a call (its time, its instance, its errors,
# who is told) is to cost no more than that.
require_relative "support"
require "tmpdir"

folder = Dir.mktmpdir
at_exit { FileUtils.rm_rf(folder) }
write = ->(name, text) { File.join(folder, name).tap { |path| File.write(path, text) } }

adder = write["adder.wat", <<~WAT]
  (module
    (memory (export "memory") 1)
    (func (export "allocate") (param i32) (result i32) (i32.const 1024))
    (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
    (func (export "echo") (param i32 i32) (result i64)
      (i64.or (i64.shl (i64.extend_i32_u (local.get 0)) (i64.const 32)) (i64.extend_i32_u (local.get 1)))))
WAT
wasi = write["wasi.wat", <<~WAT]
  (module
    (import "wasi_snapshot_preview1" "proc_exit" (func (param i32)))
    (memory (export "memory") 1)
    (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))
WAT
component = write["component.wat", <<~WAT]
  (component
    (core module $m (memory 1) (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))
    (core instance $i (instantiate $m))
    (func (export "add") (param "a" s32) (param "b" s32) (result s32) (canon lift (core func $i "add"))))
WAT
command = write["command.wat", '(module (memory (export "memory") 1) (func (export "_start")))']

reused = Wasmtime::Plugin.load(adder, reuse: 1)
fresh = Wasmtime::Plugin.load(adder)
func = Wasmtime::Instance.new(Wasmtime::Store.new, Wasmtime::Module.from_file(adder))["add"]

Bench.row("Plugin#call, warm and reused", bar: 1, of: "Func#call + 2 us") do
  ours, bare = Bench.race("plugin.call(:add, index, 2)", "func.call(index, 2)", plugin: reused, func: func)
  [ours, bare + 2000]
end
Bench.row("Plugin#call, fresh instance of a module", bar: 1, of: "20 us") do
  [Bench.time("plugin.call(:add, index, 2)", plugin: fresh), 20_000]
end
Bench.row("Plugin#call_bytes, fresh instance of a module", bar: 1, of: "25 us") do
  [Bench.time('plugin.call_bytes(:echo, "a line of a log")', plugin: fresh), 25_000]
end
Bench.row("Plugin#call, fresh instance with WASI", bar: 1, of: "40 us") do
  [Bench.time("plugin.call(:add, index, 2)", plugin: Wasmtime::Plugin.load(wasi)), 40_000]
end
Bench.row("Plugin#call, fresh instance of a component", bar: 1, of: "30 us") do
  [Bench.time("plugin.call(:add, index, 2)", plugin: Wasmtime::Plugin.load(component)), 30_000]
end
Bench.row("Wasmtime.run of a cached command", bar: 1, of: "1 ms") do
  [Bench.time("Wasmtime.run(path)", path: command), 1_000_000]
end
