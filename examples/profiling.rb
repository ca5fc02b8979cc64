# frozen_string_literal: true

# Where does a guest spend its time? The profile opens in Firefox's profiler.
require "wasmtime"
require "json"
require "tmpdir"

mod = Wasmtime::Module.new(<<~WAT)
  (module $fibonacci
    (func $fib (export "fib") (param i32) (result i32)
      (if (result i32) (i32.lt_s (local.get 0) (i32.const 2))
        (then (local.get 0))
        (else (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1))) (call $fib (i32.sub (local.get 0) (i32.const 2))))))))
WAT
store = Wasmtime::Store.new
instance = Wasmtime::Instance.new(store, mod)

Dir.mktmpdir do |folder|
  path = File.join(folder, "profile.json")
  result = Wasmtime::GuestProfiler.profile(store, { "fibonacci" => mod }, to: path, interval: 0.001) { instance.invoke("fib", 34) }
  thread = JSON.parse(File.read(path)).fetch("threads").first
  puts "fib(34) = #{result}"
  puts "samples: #{thread.fetch('samples').fetch('length') > 1 ? 'many' : 'none'}"
  puts "functions: #{thread.fetch('stringArray').grep(/fib/).join(', ')}"
end
