# frozen_string_literal: true

# Exceptions of WebAssembly cross between guest and Ruby: either side throws what the other catches, by its tag.
require "wasmtime"

engine = Wasmtime::Engine.new(wasm_exceptions: true)
store = Wasmtime::Store.new(engine)
too_long = Wasmtime::Tag.new(store, [:i32])
log = []
check = lambda do |length|
  log << length
  raise too_long, length if length > 10
  raise ArgumentError, "a length is positive" if length.negative?
end
mod = Wasmtime::Module.from_file(engine, File.join(__dir__, "exceptions.wat"))
instance = Wasmtime::Instance.new(store, mod, { "host" => { check: check, too_long: too_long } })

begin
  instance.invoke("parse", 3)
rescue Wasmtime::WasmException => e
  puts "the guest threw its syntax_error: #{e.tag == instance['syntax_error']}, with #{e.payload.inspect}, in #{e.frames.first.func_name}"
end

puts "the guest caught what Ruby threw, and returned #{instance.invoke('shorten', 12)}"
puts "nothing was thrown: #{instance.invoke('shorten', 7)}"

begin
  instance.invoke("shorten", -1)
rescue ArgumentError => e
  puts "other exceptions of Ruby pass the guest's handlers: #{e.message}"
end

mine = too_long.exception(99)
begin
  Wasmtime::Func.new(store, [], []) { raise mine }.call
rescue Wasmtime::WasmException => e
  puts "uncaught, it is the same object: #{e.equal?(mine)}"
end
puts "lengths seen: #{log.inspect}"
