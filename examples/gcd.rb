# frozen_string_literal: true

# Three ways to call an exported function: by name, as a method, and as a Func object that is looked up once.
require "wasmtime"

store = Wasmtime::Store.new
mod = Wasmtime::Module.from_file(File.join(__dir__, "gcd.wat"))
instance = Wasmtime::Instance.new(store, mod)

puts "gcd(6, 27) by name: #{instance.invoke('gcd', 6, 27)}"
puts "gcd(48, 180) as a method: #{instance.functions.gcd(48, 180)}"

gcd = instance.export("gcd")
puts "gcd has the type #{gcd.type}"
puts "gcd of 84, 36 and 120: #{[84, 36, 120].reduce { |a, b| gcd.call(a, b) }}"

begin
  gcd.call(1)
rescue ArgumentError => e
  puts "gcd(1): #{e.message}"
end
