# frozen_string_literal: true

# Two guests at the same time, without the GVL, against one alone: how long both take.
require_relative "support"
require "etc"

mod = Wasmtime::Module.new(<<~WAT)
  (module (func (export "spin") (param $n i64)
    (loop $again (br_if $again (i64.ne (local.tee $n (i64.sub (local.get $n) (i64.const 1))) (i64.const 0))))))
WAT
# Some 50 ms.
spin = -> { Wasmtime::Instance.new(Wasmtime::Store.new(gvl: :release), mod).invoke("spin", 100_000_000) }
together = ->(count) { Array.new(count) { Thread.new(&spin) }.each(&:join) }

if Etc.nprocessors > 1
  Bench.row("two threads, gvl: :release", bar: 1.15, of: "one thread") do
    Bench.race("together.call(2)", "together.call(1)", together: together)
  end
else
  warn "bench/threads.rb needs two processors"
end
