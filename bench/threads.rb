# frozen_string_literal: true

# Two guests at the same time, without the GVL, against one alone: how long both take.
require_relative "support"
require "etc"

# Recursion: a loop of two instructions runs at one of two speeds on some processors, by chance.
mod = Wasmtime::Module.new(<<~WAT)
  (module
    (func $fib (export "fib") (param $n i32) (result i32)
      (if (result i32) (i32.lt_u (local.get $n) (i32.const 2))
        (then (local.get $n))
        (else (i32.add (call $fib (i32.sub (local.get $n) (i32.const 1))) (call $fib (i32.sub (local.get $n) (i32.const 2))))))))
WAT
# Some 50 ms.
work = -> { Wasmtime::Instance.new(Wasmtime::Store.new(gvl: :release), mod).invoke("fib", 34) }
together = ->(count) { Array.new(count) { Thread.new(&work) }.each(&:join) }

if Etc.nprocessors > 1
  Bench.row("two threads, gvl: :release", bar: 1.15, of: "one thread") do
    Bench.race("together.call(2)", "together.call(1)", together: together)
  end
else
  warn "bench/threads.rb needs two processors"
end
