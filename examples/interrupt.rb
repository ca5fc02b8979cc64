# frozen_string_literal: true

# A guest that never ends is stopped by everything that stops Ruby code: Timeout, Thread#kill, Ctrl-C, and by Store#interrupt.
require "wasmtime"
require "timeout"

store = Wasmtime::Store.new
instance = Wasmtime::Instance.new(store, Wasmtime::Module.new(<<~WAT))
  (module
    (func (export "spin") (loop $again (br $again)))
    (func (export "answer") (result i32) (i32.const 42)))
WAT

begin
  Timeout.timeout(0.1) { instance.invoke("spin") }
rescue Timeout::Error => e
  puts "Timeout: #{e.class}"
end

begin
  Thread.new { sleep(0.05) && store.interrupt }
  instance.invoke("spin")
rescue Wasmtime::Trap => e
  puts "Store#interrupt: a trap, #{e.code}"
end

spinning = Thread.new do
  instance.invoke("spin")
ensure
  puts "Thread#kill: ensure runs"
end
sleep 0.05
spinning.kill.join

begin
  Thread.new { sleep(0.05) && Process.kill(:INT, Process.pid) }
  instance.invoke("spin")
rescue Interrupt => e
  puts "Ctrl-C: #{e.class}"
end

puts "the store is as good as before: #{instance.invoke('answer')}"
