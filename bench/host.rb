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
# Ruby's own Proc#call, without the loop around it.
proc_call = nil
limit = lambda do
  proc_call ||= Bench.race("block.call(index)", "", block: proc { |number| number }).reduce(:-)
  (3 * proc_call) + 50
end

{
  "host block i32 -> i32, arguments only" => ->(number) { number },
  "host block i32 -> i32, with caller:" => ->(number, caller:) { caller && number },
  "host block i32 -> i32, of Func.new" => Wasmtime::Func.new(store, [:i32], [:i32]) { |_caller, number| number }
}.each do |name, host|
  Bench.row(name, bar: 1.0, of: "3 Proc#call + 50") do
    func = Wasmtime::Instance.new(store, mod, { env: { host: host } }).export("loop")
    [Bench.best { |count| func.call(count) }, limit.call]
  end
end
