# frozen_string_literal: true

# Two modules linked to each other: the second imports the first one's memory and functions. And what a failed link says.
require "wasmtime"

engine = Wasmtime::Engine.default
linker = Wasmtime::Linker.new(engine)
store = Wasmtime::Store.new(engine)

linker.func_new("host", "print", [:i32], []) { |_caller, number| puts "printed by Ruby: #{number}" }

counter = linker.instantiate(store, Wasmtime::Module.from_file(engine, File.join(__dir__, "linking_counter.wat")))
linker.instance(store, "counter", counter)

user = linker.instantiate(store, Wasmtime::Module.from_file(engine, File.join(__dir__, "linking.wat")))
user.invoke("run")
puts "the counter's memory now holds #{counter.export('memory').read_i32(0)}"

begin
  misspelt = Wasmtime::Module.new(engine, '(module (import "counter" "increments" (func (param i32))))')
  linker.instantiate(store, misspelt)
rescue Wasmtime::LinkError => e
  puts e.message
end
