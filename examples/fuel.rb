# frozen_string_literal: true

# Fuel bounds what a guest may compute, the same on every machine: a guest that runs out of it traps.
require "wasmtime"

engine = Wasmtime::Engine.new(consume_fuel: true)
store = Wasmtime::Store.new(engine)
instance = Wasmtime::Instance.new(store, Wasmtime::Module.from_file(engine, File.join(__dir__, "fuel.wat")))

store.set_fuel(10_000)
[5, 10].each do |n|
  before = store.get_fuel
  puts "fibonacci(#{n}) = #{instance.invoke('fibonacci', n)}, used #{before - store.get_fuel} fuel"
end

begin
  instance.invoke("fibonacci", 30)
rescue Wasmtime::Trap => e
  puts "fibonacci(30): #{e.code}, #{store.get_fuel} fuel left"
end

store.set_fuel(10_000)
puts "with new fuel: fibonacci(8) = #{instance.invoke('fibonacci', 8)}"
