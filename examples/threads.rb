# frozen_string_literal: true

# Guests on several threads: one store for each, the engine and the compiled module shared. With `gvl: :release` they run at the same time, and
# take Ruby's lock back for their host blocks.
require "wasmtime"

mod = Wasmtime::Module.new(<<~WAT)
  (module
    (import "env" "done" (func $done (param i32 i64)))
    (func (export "sum") (param $id i32) (param $n i64)
      (local $sum i64)
      (loop $again
        (local.set $sum (i64.add (local.get $sum) (local.get $n)))
        (br_if $again (i64.ne (local.tee $n (i64.sub (local.get $n) (i64.const 1))) (i64.const 0))))
      (call $done (local.get $id) (local.get $sum))))
WAT

linker = Wasmtime::Linker.new
linker.func_new("env", "done", %i[i32 i64], []) { |caller, id, sum| caller.store_data << [id, sum] }
pre = linker.instantiate_pre(mod)

results = Thread::Queue.new
Array.new(4) do |id|
  Thread.new { pre.instantiate(Wasmtime::Store.new(Wasmtime::Engine.default, results, gvl: :release)).invoke("sum", id, 1_000_000) }
end.each(&:join)
Array.new(4) { results.pop }.sort.each { |id, sum| puts "thread #{id}: #{sum}" }

# A store belongs to one thread at a time: a second one is refused, and the first goes on undisturbed.
inside = Thread::Queue.new
leave = Thread::Queue.new
store = Wasmtime::Store.new
waiting = Wasmtime::Func.new(store, [], [:i32]) { (inside << true) && leave.pop }
busy = Thread.new { waiting.call }
inside.pop
begin
  waiting.call
rescue Wasmtime::StoreBusyError => e
  puts "refused: #{e.class}"
end
leave << 7
puts "undisturbed: #{busy.value}"
