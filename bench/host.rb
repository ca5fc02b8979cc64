# frozen_string_literal: true

# Wasm calls Ruby blocks.
require_relative "support"

store = Wasmtime::Store.new
mod = Wasmtime::Module.new(<<~WAT)
  (module
    (import "env" "host" (func $host (param i32) (result i32)))
    (func (export "loop") (param $count i32) (result i32) (local $sum i32)
      (loop $again
        (local.set $sum (i32.add (local.get $sum) (call $host (local.get $count))))
        (br_if $again (local.tee $count (i32.sub (local.get $count) (i32.const 1)))))
      (local.get $sum)))
WAT
# Three times Ruby's own call of a Proc, without the loop around it, and 50 ns.
limits = Hash.new do |known, (call, block)|
  known[[call, block]] = (3 * Bench.race(call, "", block: block).reduce(:-)) + 50
end
plain = ["block.call(index)", proc { |number| number }]
keyword = ["block.call(index, caller: nil)", proc { |number, caller:| caller || number }]

[
  ["host block i32 -> i32, arguments only", plain, ->(number) { number }],
  ["host block i32 -> i32, of Func.new", plain, Wasmtime::Func.new(store, [:i32], [:i32]) { |_caller, number| number }],
  ["host block i32 -> i32, with caller:", keyword, ->(number, caller:) { caller && number }]
].each do |name, call, host|
  Bench.row(name, bar: 1.0, of: "3 Proc#call + 50") do
    func = Wasmtime::Instance.new(store, mod, { env: { host: host } }).export("loop")
    [Bench.best { |count| func.call(count) }, limits[call]]
  end
end
