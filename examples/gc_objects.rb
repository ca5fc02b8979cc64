# frozen_string_literal: true

# Structs and arrays of a guest's own heap are Ruby objects: read, written, compared and made from both sides, and collected when nobody holds them.
require "wasmtime"

engine = Wasmtime::Engine.default
store = Wasmtime::Store.new(engine)
instance = Wasmtime::Instance.new(store, Wasmtime::Module.from_file(engine, File.join(__dir__, "gc_objects.wat")))

point = instance.invoke("make_point", 3, 4)
puts "the guest made #{point.inspect}"
puts "its fields are #{point.to_a.inspect}, its length is #{instance.invoke('length', point)}"
point[0] = 6
point[1] = 8
puts "changed by Ruby, its length is #{instance.invoke('length', point)}"

case point
in [x, y] then puts "it matches a pattern: x is #{x}, y is #{y}"
end

# The same type again: types of the same fields are equal, whoever declared them.
type = Wasmtime::StructType.new(engine, [Wasmtime::FieldType.var(:i32), Wasmtime::FieldType.var(:i32)])
puts "the guest's type is Ruby's: #{point.type == type}"
puts "Ruby's own point has the length #{instance.invoke('length', Wasmtime::StructRef.new(store, type, [5, 12]))}"

bytes = Wasmtime::ArrayType.new(engine, Wasmtime::FieldType.var(:i8))
array = Wasmtime::ArrayRef.new(store, bytes, [1, 2, 3])
instance.invoke("double", array)
puts "the guest doubled an array of Ruby's: #{array.to_a.inspect}, in sum #{array.sum}"

puts "a number, nil and a point pass as anyref: #{[7, nil, point].map { |value| instance.invoke('kind', value) }.inspect}"
begin
  instance.invoke("length", array)
rescue TypeError => e
  puts "what is no point is refused: #{e.message}"
end
