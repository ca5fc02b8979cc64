# frozen_string_literal: true

RSpec.describe "compatibility: Wasmtime::Instance" do
  two = '(module (import "" "a" (func)) (import "" "b" (memory 1)))'
  all = '(module (import "" "f" (func)) (import "" "m" (memory 1)) (import "" "t" (table 1 externref)) (import "" "g" (global i32)))'

  compatibility [
    ["Wasmtime::Instance.superclass", Object],
    ["Wasmtime::Instance.new(store, mod).class", Wasmtime::Instance],
    ["Wasmtime::Instance.new(store, mod, nil).class", Wasmtime::Instance],
    ["Wasmtime::Instance.new(store, mod, []).class", Wasmtime::Instance],
    ["Class.new(Wasmtime::Instance).new(store, mod).class", Wasmtime::Instance],
    ["Wasmtime::Instance.allocate", TypeError, /allocator undefined for Wasmtime::Instance/],
    ["instance.dup", TypeError, /Wasmtime::Instance/],
    ["instance.clone", TypeError, /Wasmtime::Instance/],
    ["Wasmtime::Instance.new(store, 1)", TypeError, "no implicit conversion of Integer into Wasmtime::Module"],
    ["Wasmtime::Instance.new(1, mod)", TypeError, "no implicit conversion of Integer into Wasmtime::Store"],
    ["Wasmtime::Instance.new(store)", ArgumentError, /wrong number of arguments \(given 1, expected 2/],
    ["Wasmtime::Instance.new(store, mod, 1)", TypeError, /Integer/],

    ["instance(#{all.inspect}, [func, memory, table, Wasmtime::Global.const(store, :i32, 1)]).class", Wasmtime::Instance],
    ["instance(#{two.inspect}, Class.new { def initialize(a) = @a = a; def to_ary = @a }.new([func, memory])).class", Wasmtime::Instance],
    ["instance(#{two.inspect}, [])", Wasmtime::LinkError, /missing import "" "a".*missing import "" "b"/m],
    ["raised { instance(#{two.inspect}, []) }.is_a?(Wasmtime::Error)", true],
    ["instance(#{two.inspect}, [func, memory, func])", Wasmtime::Error, "expected 2 imports, found 3"],
    ["instance(#{two.inspect}, [memory, func])", Wasmtime::LinkError, /"" "a": expected \(func\), given \(memory 1\)/],
    ["instance(#{two.inspect}, [1, memory])", TypeError, /unexpected extern: 1/],
    ["instance(#{two.inspect}, [nil, memory])", TypeError, /unexpected extern: nil/],
    ["instance(#{two.inspect}, [Wasmtime::Func.new(other_store, [], []) {}, memory])", Wasmtime::StoreError, /another store/],
    # An export is what the other gem calls an Extern, and is taken as it is.
    ["instance('(module (import \"\" \"\" (func (param i32) (result i32))))', [instance.export('f')]).class", Wasmtime::Instance],

    ["instance.exports.class", Hash],
    ["instance.exports.keys", %w[f m t g]],
    ["instance.exports['f'].to_func.call(3)", 3],
    ["instance.exports['m'].to_memory.size", 1],
    ["instance.exports['t'].to_table.size", 2],
    ["instance.exports['g'].to_global.get", 7],
    ["instance.exports.values.all?(Wasmtime::Extern)", true],
    ["instance('(module)').exports", {}],
    ["engine(wasm_exceptions: true); instance(TAG).exports.keys", %w[tag f]],
    ["engine(wasm_threads: true, shared_memory: true); instance('(module (memory (export \"m\") 1 1 shared))').exports.keys", ["m"]],

    ["instance.export('f').is_a?(Wasmtime::Extern)", true],
    ["instance.export('f').to_func.call(3)", 3],
    ["instance.export('nope')", nil],
    ["instance.export(:f).to_func.call(3)", 3],
    ["instance.export(1)", TypeError, /Integer.*String/],
    ["i = instance; i.export('f').equal?(i.export('f'))", true],
    ["i = instance; i.exports['f'].equal?(i.export('f'))", true],
    ["i = instance; i.exports.equal?(i.exports)", true],
    ["instance.exports.frozen?", true],

    ["instance.invoke('f', 3)", 3],
    ["instance(ADD).invoke('add', 1, 2)", 3],
    ["instance('(module (func (export \"f\")))').invoke('f')", nil],
    ["instance('(module (func (export \"f\") (result i32 i32) (i32.const 1) (i32.const 2)))').invoke('f')", [1, 2]],
    ["instance.invoke('x')", Wasmtime::Error, 'function "x" not found'],
    ["instance.invoke('m')", Wasmtime::Error, 'export "m" is a Wasmtime::Memory, not a function'],
    ["instance.invoke('f')", ArgumentError, "wrong number of arguments (given 0, expected 1)"],
    ["instance.invoke('f', 1, 2)", ArgumentError, "wrong number of arguments (given 2, expected 1)"],
    ["instance.invoke('f', 'x')", TypeError, "no implicit conversion of String into Integer (param at index 0)"],
    ["instance.invoke('f', 2**32)", RangeError, /\(param at index 0\)\z/],
    ["instance.invoke(:f, 3)", 3],
    # A TypeError in the other gem.
    ["instance.invoke", ArgumentError, /wrong number of arguments \(given 0, expected 1\+\)/],

    # A reactor, as programs use it.
    ["i = instance('(module (func (export \"_initialize\")) (func (export \"malloc\") (param i32) (result i32) (i32.const 8)) ' \\\n" \
     "'(memory (export \"memory\") 1))'); i.export('_initialize').to_func.call; malloc = i.export('malloc').to_func; " \
     "memory = i.export('memory').to_memory; pointer = malloc.call(5); memory.write(pointer, 'hello'); memory.read(pointer, 5)", "hello".b],

    ["instance(UNREACHABLE).invoke('f')", Wasmtime::Trap, "wasm trap: wasm `unreachable` instruction executed"],
    ["instance('(module (func unreachable) (start 0))')", Wasmtime::Trap, "wasm trap: wasm `unreachable` instruction executed"],
    ["instance('(module (import \"\" \"\" (func)) (start 0))', [func { raise IOError, 'x' }])", IOError, "x"],
    ["instance('(module (memory 1) (data (i32.const 65536) \"x\"))')", Wasmtime::Trap, /out of bounds memory access/]
  ]
end
