# frozen_string_literal: true

# A guest's linear memory: strings and numbers in and out, growing, bounds, a view without a copy, and bytes lent for one call.
require "wasmtime"

store = Wasmtime::Store.new
instance = Wasmtime::Instance.new(store, Wasmtime::Module.from_file(File.join(__dir__, "memory.wat")))
memory = instance.export("memory")

puts "greeting: #{memory.read_utf8(16, 14)}"
puts "size: #{memory.size} page, #{memory.bytesize} bytes"

memory.write_i32(64, -2)
puts "-2 as a signed and an unsigned number: #{memory.read_i32(64)}, #{memory.read_u32(64)}"

memory.write(128, [1, 2, 3, 4].pack("l<*"))
puts "sum of 1, 2, 3, 4: #{instance.invoke('sum', 128, 4)}"

# The guest allocates, the block uses, the guest frees, whatever happens in the block.
total = instance.with_bytes([10, 20, 30].pack("l<*")) { |pointer, length| instance.invoke("sum", pointer, length / 4) }
puts "sum of lent bytes: #{total}"

# read copies; a view reads where the guest's bytes are.
third = memory.view(offset: 128, length: 16) { |buffer| buffer.get_value(:u32, 8) }
puts "third number, in place: #{third}"

puts "pages before growing: #{memory.grow(1)}, after: #{memory.size}"
begin
  memory.read(memory.bytesize, 1)
rescue Wasmtime::Error => e
  puts "past the end: #{e.message}"
end
