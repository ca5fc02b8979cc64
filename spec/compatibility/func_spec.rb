# frozen_string_literal: true

RSpec.describe "compatibility: Wasmtime::Func and value conversion" do
  closures = "in #<Proc:0x\\h+.*compatibility row:1.*>"

  compatibility [
    ["Wasmtime::Func.superclass", Object],
    ["func.class", Wasmtime::Func],
    ["Class.new(Wasmtime::Func).new(store, [], []) {}.class", Wasmtime::Func],
    ["Wasmtime::Func.allocate", TypeError, /allocator undefined for Wasmtime::Func/],
    ["func.dup", TypeError, /Wasmtime::Func/],
    ["func.clone", TypeError, /Wasmtime::Func/],
    ["Wasmtime::Func.new(store, [], [])", ArgumentError, "no block given"],
    ["Wasmtime::Func.new(store, :i32, []) {}", TypeError, /Symbol.*Array/],
    ["Wasmtime::Func.new(store, [], nil) {}", TypeError, /nil.*Array/],
    ["Wasmtime::Func.new(1, [], []) {}", TypeError, "no implicit conversion of Integer into Wasmtime::Store"],
    ["Wasmtime::Func.new(store, Class.new { def to_ary = [:i32] }.new, []) {}.params", [:i32]],
    ["func([:i32, :i64], [:f32]).params", %i[i32 i64]],
    ["func([:i32, :i64], [:f32]).results", [:f32]],
    ["func.params", []],
    ["func.results", []],

    # Results.
    ["func { 1 }.call", nil],
    ["func([], [:i32]) { 1 }.call", 1],
    ["func([], [:i32, :i64]) { [1, 2] }.call", [1, 2]],
    ["func([], [:i32, :i64, :f64]) { [1, 2, 3.0] }.call", [1, 2, 3.0]],
    ["instance('(module (func (export \"f\") (result i32 i64) (i32.const 1) (i64.const 2)))').export('f').to_func.call", [1, 2]],
    ["instance('(module (func (export \"f\")))').export('f').to_func.call", nil],
    ["func([:i32, :i32], [:i32]) { |_caller, a, b| a + b }.call(1, 2)", 3],
    ["func([:i32]) { |caller, _| $seen = caller.class }.call(1); $seen", Wasmtime::Caller],
    ["func([:i32]) { |caller, *args| $seen = args }.call(1); $seen", [1]],
    ["Wasmtime::Func.new(store, [:i32], [:i32], &->(_caller, a) { a + 1 }).call(1)", 2],

    # Arguments.
    ["func.call(1)", ArgumentError, "wrong number of arguments (given 1, expected 0)"],
    ["func([:i32]).call", ArgumentError, "wrong number of arguments (given 0, expected 1)"],
    ["func([:i32, :i32]).call", ArgumentError, "wrong number of arguments (given 0, expected 2)"],
    ["func([:i32]).call('x')", TypeError, "no implicit conversion of String into Integer (param at index 0)"],
    ["func([:i32, :i32]).call(1, nil)", TypeError, "no implicit conversion of nil into Integer (param at index 1)"],
    ["func([:i32]).call(2**32)", RangeError, /\(param at index 0\)\z/],
    ["func([:i64, :i64]).call(1, 2**64)", RangeError, /\(param at index 1\)\z/],
    ["func([:f64]).call('x')", TypeError, /\(param at index 0\)\z/],
    # The other gem raises a copy of it.
    ["e = IndexError.new('x'); raised { func([:i32]).call(Class.new { define_method(:to_int) { raise e } }.new) }.equal?(e)", true],
    ["func([:funcref]).call(1)", TypeError, /\A.*Wasmtime::Func.*\(param at index 0\)\z/],
    # Keywords are call options here.
    ["func([:externref], [:externref]) { |_, x| [x] }.call({ a: 1 })", { a: 1 }],
    ["func([:externref]).call(nope: 1)", ArgumentError, "unknown keyword: :nope (to pass a Hash as a value, write it in braces)"],

    # Block results.
    ["host { Object.new }", nil],
    ["host([:i32]) { 1 }", 1],
    ["host([:i32]) { [1] }", 1],
    ["host([:i32]) { Class.new { def to_ary = [4] }.new }", 4],
    ["host([:i32]) { [1, 2] }", Wasmtime::ResultError, /\Awrong number of results \(given 2, expected 1\) #{closures}\z/],
    ["host([:i32, :i32]) { 1 }", Wasmtime::ResultError, /\Awrong number of results \(given 1, expected 2\) #{closures}\z/],
    ["host([:i32, :i32]) { [1, nil] }", Wasmtime::ResultError,
     /\Ainvalid result at index 1: no implicit conversion of nil into Integer #{closures}\z/],
    ["host([:i32]) { nil }", Wasmtime::ResultError, /result/],
    ["host([:i32]) { 'x' }", Wasmtime::ResultError, /\Ainvalid result at index 0: no implicit conversion of String into Integer #{closures}\z/],
    ["host([:i32]) { 2**32 }", Wasmtime::ResultError, /\Ainvalid result at index 0: .* #{closures}\z/],
    ["host([:externref]) { [[1, 2]] }", [1, 2]],
    ["host([:externref]) { [nil] }", nil],
    ["host([:externref]) { :x }", :x],

    # Exceptions are the same object.
    ["e = RuntimeError.new('x'); raised { host { raise e } }.equal?(e)", true],
    ["e = RuntimeError.new('x'); raised { instance(CALL_BLOCK, [func { raise e }]).invoke('f') }.equal?(e)", true],
    ["e = RuntimeError.new('x'); raised { instance(CALL_BLOCK, [func { raise e }]).export('f').to_func.call }.equal?(e)", true],
    ["e = RuntimeError.new('x'); raised { instance('(module (import \"\" \"\" (func)) (start 0))', [func { raise e }]) }.equal?(e)", true],
    ["e = RuntimeError.new('x'); linker.func_new('', '', [], []) { raise e }; " \
     "raised { linker.instantiate(store, mod('(module (import \"\" \"\" (func)) (start 0))')) }.equal?(e)", true],
    ["e = Class.new(Exception).new('x'); raised { host { raise e } }.equal?(e)", true],
    ["e = RuntimeError.new('x'); raised { host { raise e } }.message", "x"],
    ["raised { host { raise IndexError, 'x' } }.backtrace[0]", /compatibility row:1/],
    ["catch(:done) { instance(CALL_BLOCK, [func { throw :done, 3 }]).invoke('f') }", 3],
    ["func { break }.call", LocalJumpError, "break from proc-closure"],
    ["instance(CALL_BLOCK, [func { next }]).invoke('f')", nil],
    ["raised { host { throw :nope } }.class", UncaughtThrowError],
    ["f = func { raise 'x' }; raised { f.call }; raised { f.call }.message", "x"],
    ["i = instance(CALL_BLOCK, [func { raise 'x' }]); raised { i.invoke('f') }; instance(ADD).invoke('add', 1, 2)", 3],

    # Blocks and objects stay what they are when Ruby moves objects.
    ["f = func([], [:i32]) { 4 }; GC.start; GC.compact; f.call", 4],
    ["g = Wasmtime::Global.const(store, :externref, +'kept'); GC.start; GC.compact; g.get", "kept"],

    # Re-entrance.
    ["inner = instance(ADD).export('add').to_func; instance(CALL_I32, [func([:i32], [:i32]) { |_, n| inner.call(n, 10) }]).invoke('f', 5)", 15],

    # Functions of another store.
    ["f = Wasmtime::Func.new(other_store, [], []) {}; func([:funcref]).call(f)", Wasmtime::Error, /argument type mismatch.*another store/],
    ["f = Wasmtime::Func.new(other_store, [], []) {}; host([:funcref]) { f }",
     Wasmtime::ResultError, /function attempted to return an incompatible value/],

    # i32 and i64: signed, through to_int.
    ["through(:i32, 0)", 0],
    ["through(:i32, 2**31 - 1)", (2**31) - 1],
    ["through(:i32, -2**31)", -(2**31)],
    ["through(:i32, 1.9)", 1],
    ["through(:i32, 3r)", 3],
    ["through(:i32, Class.new { def to_int = 6 }.new)", 6],
    ["through(:i32, nil)", TypeError, /\(param at index 0\)\z/],
    ["through(:i32, :x)", TypeError, /Symbol.*\(param at index 0\)\z/],
    ["through(:i32, true)", TypeError, /\(param at index 0\)\z/],
    ["through(:i32, -2**31 - 1)", RangeError, /\(param at index 0\)\z/],
    ["through(:i64, 2**63 - 1)", (2**63) - 1],
    ["through(:i64, -2**63)", -(2**63)],
    ["through(:i64, 1.9)", 1],
    ["through(:i64, -2**63 - 1)", RangeError, /\(param at index 0\)\z/],
    ["through(:i64, '1')", TypeError, /\(param at index 0\)\z/],
    ["from_wasm(:i32, '(i32.const 0xffffffff)')", -1],
    ["from_wasm(:i64, '(i64.const 0xffffffffffffffff)')", -1],
    # Unsigned numbers are taken too, and returned signed.
    ["through(:i32, 2**31)", -(2**31)],
    ["through(:i32, 2**32 - 1)", -1],
    ["through(:i64, 2**63)", -(2**63)],
    ["through(:i64, 2**64 - 1)", -1],

    # Floats: any Numeric.
    ["through(:f64, 1.5)", 1.5],
    ["through(:f32, 1.5)", 1.5],
    ["through(:f64, 2)", 2.0],
    ["through(:f32, 2)", 2.0],
    ["through(:f64, 1/2r)", 0.5],
    ["through(:f32, 1/2r)", 0.5],
    ["through(:f32, 0.1)", [0.1].pack("e").unpack1("e")],
    ["through(:f32, 1e300)", Float::INFINITY],
    ["through(:f32, -1e300)", -Float::INFINITY],
    ["through(:f64, 10**400)", Float::INFINITY],
    ["through(:f64, Float::NAN).nan?", true],
    ["through(:f32, Float::NAN).nan?", true],
    ["through(:f64, -0.0).to_s", "-0.0"],
    ["through(:f64, '1')", TypeError, /String.*\(param at index 0\)\z/],
    ["through(:f32, '1')", TypeError, /String.*\(param at index 0\)\z/],
    ["through(:f64, nil)", TypeError, /\(param at index 0\)\z/],
    ["from_wasm(:f64, '(f64.const 2)')", 2.0],
    ["from_wasm(:f32, '(f32.const inf)')", Float::INFINITY],

    # v128 is a V128; its types were there before.
    ["func([:v128]).params", [:v128]],
    ["func([], [:v128]).results", [:v128]],
    ["instance('(module (func (export \"f\") (param v128)))').invoke('f', 1)", TypeError,
     "no implicit conversion of Integer into Wasmtime::V128 (param at index 0)"],
    ["from_wasm(:v128, '(v128.const i64x2 1 2)').i64x2", [1, 2]],
    ["instance('(module (import \"\" \"\" (func (result v128))) (func (export \"f\") (drop (call 0))))', [func([], [:v128]) { 1 }]).invoke('f')",
     Wasmtime::ResultError, /\Ainvalid result at index 0: no implicit conversion of Integer into Wasmtime::V128 #{closures}\z/],

    # funcref: nil or a Func.
    ["through(:funcref, nil)", nil],
    ["through(:funcref, func([], [:i32]) { 4 }).call", 4],
    ["through(:funcref, func).class", Wasmtime::Func],
    ["through(:funcref, proc {})", TypeError, /Proc.*Wasmtime::Func.*\(param at index 0\)\z/],
    ["from_wasm(:funcref, '(ref.null func)')", nil],

    # externref: any object.
    ["o = Object.new; through(:externref, o).equal?(o)", true],
    ["o = BasicObject.new; through(:externref, o).__id__ == o.__id__", true],
    ["through(:externref, :x)", :x],
    ["through(:externref, 1)", 1],
    ["through(:externref, 'x')", "x"],
    ["through(:externref, false)", false],
    ["through(:externref, [1])", [1]],
    ["through(:externref, nil)", nil],
    ["from_wasm(:externref, '(ref.null extern)')", nil],
    # nil is null here, not a box with nil in it.
    ["instance('(module (func (export \"f\") (param externref) (result i32) (ref.is_null (local.get 0))))').invoke('f', nil)", 1],
    ["instance('(module (func (export \"f\") (param externref) (result i32) (ref.is_null (local.get 0))))').invoke('f', false)", 0],

    # Beyond the other gem.
    ["func([:i32], [:i32]) { |_, n| n * 2 }.to_proc.call(2)", 4],
    ["func([:i32], []).type", Wasmtime::FuncType.new([:i32], [])],
    ["f = func; f == f.itself", true],
    ["func == Object.new", false]
  ]
end
