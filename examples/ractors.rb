# frozen_string_literal: true

# Engines, modules and an InstancePre without Ruby blocks are shared between Ractors; each makes stores of its own.
require "wasmtime"

Warning[:experimental] = false # Ractors are

mod = Wasmtime::Module.new(<<~WAT)
  (module
    (func $fib (export "fib") (param $n i32) (result i32)
      (if (result i32) (i32.lt_u (local.get $n) (i32.const 2))
        (then (local.get $n))
        (else (i32.add (call $fib (i32.sub (local.get $n) (i32.const 1))) (call $fib (i32.sub (local.get $n) (i32.const 2))))))))
WAT

pre = Ractor.make_shareable(Wasmtime::Linker.new.instantiate_pre(mod))
ractors = [10, 15, 20].map do |n|
  Ractor.new(pre, n) { |shared, number| [number, shared.instantiate(Wasmtime::Store.new(shared.module.engine)).invoke("fib", number)] }
end
ractors.map(&:take).each { |n, result| puts "fib(#{n}) = #{result}" }

linker = Wasmtime::Linker.new
linker.func_new("env", "log", [:i32], []) { |_caller, n| puts n }
begin
  Ractor.make_shareable(linker.instantiate_pre(Wasmtime::Module.new('(module (import "env" "log" (func (param i32))))')))
rescue Ractor::Error => e
  puts e.message
end
