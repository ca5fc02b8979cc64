# frozen_string_literal: true

# Imports resolved once, a fresh instance for every request: no state of one request is seen by the next.
require "wasmtime"

engine = Wasmtime::Engine.default
linker = Wasmtime::Linker.new(engine)
# Defined without a store, so good for all of them; the Caller says which request it is.
linker.func_new("host", "request_number", [], [:i32]) { |caller| caller.store_data[:number] }

pre = linker.instantiate_pre(Wasmtime::Module.from_file(engine, File.join(__dir__, "instance_pre.wat")))

(1..3).each do |number|
  Wasmtime::Store.open(engine, { number: number }) do |store|
    instance = pre.instantiate(store)
    answers = Array.new(2) { instance.invoke("handle") }
    puts "request #{number}: #{answers.inspect}"
  end
end
