# frozen_string_literal: true

# `timeout:` bounds one call, host blocks included. It needs no thread of Ruby's, and a late one never meets the next call.
require "wasmtime"

calls = []
instance = Wasmtime::Instance.new(Wasmtime::Store.new, Wasmtime::Module.new(<<~WAT), { "env" => { log: ->(n) { calls << n } } })
  (module
    (import "env" "log" (func $log (param i32)))
    (func (export "spin") (loop $again (br $again)))
    (func (export "count") (param $n i32)
      (loop $again
        (call $log (local.get $n))
        (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))))
WAT

begin
  instance.invoke("spin", timeout: 0.05)
rescue Wasmtime::TimeoutError => e
  puts "#{e.class}: #{e.message.lines.first.chomp}"
end

instance.invoke("count", 3, timeout: 5)
puts "in time: #{calls.inspect}"

# Modules, start functions and instances of resolved modules take one too.
starting = Wasmtime::Module.new("(module (func $spin (loop $again (br $again))) (start $spin))")
begin
  Wasmtime::Instance.new(Wasmtime::Store.new, starting, timeout: 0.05)
rescue Wasmtime::TimeoutError
  puts "the start function did not end either"
end
