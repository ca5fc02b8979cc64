# frozen_string_literal: true

# Any Ruby object can go through a guest as an externref: the guest keeps it, gives it back, but cannot look into it.
require "wasmtime"

store = Wasmtime::Store.new
show = ->(object) { puts "the guest handed over #{object.inspect}" }
mod = Wasmtime::Module.from_file(File.join(__dir__, "externref.wat"))
instance = Wasmtime::Instance.new(store, mod, { "env" => { show: show } })

words = %w[kept by the guest]
puts "the same object comes back: #{instance.invoke('identity', words).equal?(words)}"

instance.invoke("keep", words)
words << "and changed by Ruby"
instance.invoke("show_kept")

table = instance.export("table")
table.set(1, :symbol)
table[2] = 3.5
puts "the table holds #{table.to_a.inspect}"
puts "null is nil: #{instance.invoke('null').inspect}"
