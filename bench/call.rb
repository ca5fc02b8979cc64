# frozen_string_literal: true

# Ruby calls wasm.
require_relative "support"

store = Wasmtime::Store.new
instance = Wasmtime::Instance.new(store, Wasmtime::Module.new(<<~WAT))
  (module
    (func (export "nop"))
    (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
    (func (export "addf") (param f64 f64) (result f64) (f64.add (local.get 0) (local.get 1)))
    (func (export "pair") (param i64) (result i64 i64) (local.get 0) (local.get 0))
    (func (export "identity") (param externref) (result externref) (local.get 0))
    (func (export "gcd") (param $a i32) (param $b i32) (result i32) (local $rest i32)
      (loop $again
        (if (i32.eqz (local.get $b)) (then (return (local.get $a))))
        (local.set $rest (i32.rem_u (local.get $a) (local.get $b)))
        (local.set $a (local.get $b))
        (local.set $b (local.get $rest))
        (br $again))
      unreachable))
WAT

both = "C loop + C method"
Bench.row("Func#call () -> ()", bar: 1.4, of: both) do
  Bench.call("func.call", "call nop", func: instance["nop"])
end
Bench.row("Func#call (i32, i32) -> i32", bar: 1.6, of: both) do
  Bench.call("func.call(index, 2)", "call add", func: instance["add"])
end
# A gcd that is found at once: the guest's own divisions are no overhead of a call.
Bench.row('Instance#invoke("gcd", a, b)', bar: 2.6, of: both) do
  Bench.call('instance.invoke("gcd", 6, 0)', "call gcd", instance: instance)
end
Bench.row("Func#call (f64, f64) -> f64", bar: 1.8, of: both) do
  Bench.call("func.call(1.5, 2.5)", "call addf", func: instance["addf"])
end
Bench.row("Func#call (i64) -> (i64, i64)", bar: 2.5, of: both) do
  Bench.call("func.call(index)", "call pair", func: instance["pair"])
end
Bench.row("Func#call externref -> externref", bar: 1.4, of: "C loop") do
  [Bench.time("func.call(object)", func: instance["identity"], object: Object.new), Bench.c_loop("call externref")]
end
