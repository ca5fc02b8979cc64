# frozen_string_literal: true

# Async calls: guests run in steps on one thread, and their host blocks wait without stopping each other.
require "wasmtime"
require "async"

engine = Wasmtime::Engine.default
mod = Wasmtime::Module.new(engine, <<~WAT)
  (module
    (import "http" "get" (func $get (param i32) (result i32)))
    (func (export "total") (param $from i32) (result i32)
      (i32.add (call $get (local.get $from)) (call $get (i32.add (local.get $from) (i32.const 1)))))
    (func (export "work") (param $times i32) (result i32)
      (loop $again (br_if $again (local.tee $times (i32.sub (local.get $times) (i32.const 1)))))
      (i32.const 42)))
WAT

linker = Wasmtime::Linker.new(engine)
# The block runs between two steps of the guest, on Ruby's stack: it may sleep, or wait for I/O.
linker.func_new_async("http", "get", [:i32], [:i32]) { |_caller, page| sleep(0.01) && (page * 10) }

instance = linker.instantiate_async(Wasmtime::Store.new(engine), mod).value

future = instance.invoke_async("work", 100_000_000)
steps = 1
steps += 1 until future.poll
puts "a long call: #{future.value}, #{steps > 1 ? 'in several steps' : 'at once'}"

start = Process.clock_gettime(Process::CLOCK_MONOTONIC)
totals = Async do
  Array.new(100) do |index|
    Async { linker.instantiate_async(Wasmtime::Store.new(engine), mod).value.invoke_async("total", index).value }
  end.map(&:wait)
end.wait
elapsed = Process.clock_gettime(Process::CLOCK_MONOTONIC) - start
puts "100 guests that wait twice: #{totals.sum}, #{elapsed < 1.5 ? 'all at the same time' : 'one after the other'}"

begin
  instance.invoke_async("work", 0, timeout: 0.05).value
rescue Wasmtime::TimeoutError => e
  puts "a call without an end: #{e.message}"
end
