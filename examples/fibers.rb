# frozen_string_literal: true

# Fibers may yield out of host blocks, and under a Fiber scheduler (Async here) the calls of a store with `offload: true` run on other threads,
# so that hundreds of guests wait at the same time.
require "wasmtime"

store = Wasmtime::Store.new
instance = Wasmtime::Instance.new(store, Wasmtime::Module.new(<<~WAT), { "env" => { next: ->(n) { Fiber.yield(n) } } })
  (module
    (import "env" "next" (func $next (param i32)))
    (func (export "count") (param $to i32)
      (local $n i32)
      (loop $again
        (call $next (local.tee $n (i32.add (local.get $n) (i32.const 1))))
        (br_if $again (i32.lt_u (local.get $n) (local.get $to))))))
WAT

counting = Fiber.new { instance.invoke("count", 3) && :done }
numbers = []
numbers << counting.resume while counting.alive?
puts "a guest as a generator: #{numbers.compact.inspect}"

require "async"
slow = Wasmtime::Module.new('(module (import "env" "fetch" (func $fetch (param i32) (result i32)))
  (func (export "run") (param i32) (result i32) (i32.mul (i32.const 2) (call $fetch (local.get 0)))))')

start = Process.clock_gettime(Process::CLOCK_MONOTONIC)
Async do
  tasks = Array.new(100) do |index|
    Async do
      guest = Wasmtime::Instance.new(Wasmtime::Store.new(offload: true), slow, { "env" => { fetch: ->(n) { sleep(0.02) && n } } })
      guest.invoke("run", index)
    end
  end
  puts "100 guests that wait: #{tasks.sum(&:wait)}"
end
puts "all of them together: #{Process.clock_gettime(Process::CLOCK_MONOTONIC) - start < 1.5 ? 'yes' : 'no'}"
