# frozen_string_literal: true

# The smallest whole program: compile a module, give it a Ruby block to call, and call the function it exports.
require "wasmtime"

mod = Wasmtime::Module.from_file(File.join(__dir__, "hello.wat"))

Wasmtime::Store.open do |store|
  greet = -> { puts "Hello from Ruby, called by wasm" }
  instance = Wasmtime::Instance.new(store, mod, { "env" => { "greet" => greet } })

  puts "Module imports: #{mod.imports.map { |import| "#{import.module}.#{import.name}" }.join(', ')}"
  puts "Module exports: #{mod.exports.map(&:name).join(', ')}"
  instance.invoke("run")
end
