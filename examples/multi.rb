# frozen_string_literal: true

# Several values at once: functions with more than one result give an Array, and Ruby blocks return one.
require "wasmtime"

store = Wasmtime::Store.new
mod = Wasmtime::Module.from_file(File.join(__dir__, "multi.wat"))
swapped = Wasmtime::Func.new(store, %i[i32 i64], %i[i64 i32]) { |_caller, small, large| [large + 1, small + 1] }
instance = Wasmtime::Instance.new(store, mod, { "env" => { swapped: swapped } })

large, small = instance.invoke("call_ruby", 1, 3)
puts "what the block made of 1 and 3: #{large}, #{small}"

puts "divmod(17, 5): #{instance.functions.divmod(17, 5).inspect}"

values = (1..10).to_a
puts "ten values, rotated: #{instance.invoke('rotate', *values).inspect}"
