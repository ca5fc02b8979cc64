# frozen_string_literal: true

RSpec.describe "compatibility: Wasmtime::Linker" do
  imports_func = '(module (import "a" "b" (func (result i32))) (func (export "f") (result i32) (call 0)))'
  command = '(module (func (export "_start")))'
  with_global = '(module (func (export "_start")) (global (export "g") i32 (i32.const 1)))'
  define = "linker.func_new('a', 'b', [], [:i32]) { 4 }"

  compatibility [
    ["Wasmtime::Linker.superclass", Object],
    ["Wasmtime::Linker.new(engine).class", Wasmtime::Linker],
    ["Class.new(Wasmtime::Linker).new(engine).class", Wasmtime::Linker],
    ["Wasmtime::Linker.new(1)", TypeError, "no implicit conversion of Integer into Wasmtime::Engine"],
    ["Wasmtime::Linker.allocate", TypeError, /allocator undefined for Wasmtime::Linker/],

    # Shadowing.
    ["(linker.allow_shadowing = true)", true],
    ["#{define}; #{define}", Wasmtime::Error, /import of `a::b` defined twice/],
    ["linker.allow_shadowing = true; #{define}; linker.func_new('a', 'b', [], [:i32]) { 5 }; linker.get(store, 'a', 'b').to_func.call", 5],
    ["linker.allow_shadowing = true; linker.allow_shadowing = false; #{define}; #{define}", Wasmtime::Error, /defined twice/],
    ["linker.allow_shadowing = 1; #{define}; #{define}", nil],

    # Unknown exports of a command.
    ["(linker.allow_unknown_exports = true)", true],
    ["linker.module(store, 'c', mod(#{with_global.inspect}))",
     Wasmtime::Error, /command export 'g' is not a function/],
    ["linker.allow_unknown_exports = true; linker.module(store, 'c', mod(#{with_global.inspect}))", nil],

    ["linker.define_unknown_imports_as_traps(mod(#{imports_func.inspect}))", nil],
    ["linker.define_unknown_imports_as_traps(mod(#{imports_func.inspect})); linker.instantiate(store, mod(#{imports_func.inspect})).class",
     Wasmtime::Instance],
    ["wasm = mod(#{imports_func.inspect}); linker.define_unknown_imports_as_traps(wasm); linker.instantiate(store, wasm).invoke('f')",
     Wasmtime::Error, /unknown import: `a::b` has not been defined/],
    ["wasm = mod(#{imports_func.inspect}); #{define}; linker.define_unknown_imports_as_traps(wasm); linker.instantiate(store, wasm).invoke('f')", 4],
    ["linker.define_unknown_imports_as_traps(1)", TypeError, "no implicit conversion of Integer into Wasmtime::Module"],

    # define
    ["linker.define(store, 'a', 'f', func)", nil],
    ["linker.define(store, 'a', 'm', memory); linker.get(store, 'a', 'm').to_memory.class", Wasmtime::Memory],
    ["linker.define(store, 'a', 't', table); linker.get(store, 'a', 't').to_table.class", Wasmtime::Table],
    ["linker.define(store, 'a', 'g', Wasmtime::Global.const(store, :i32, 1)); linker.get(store, 'a', 'g').to_global.get", 1],
    ["linker.define(store, 'a', 'f', func([], [:i32]) { 6 }); linker.get(store, 'a', 'f').to_func.call", 6],
    ["linker.define(store, 'a', 'b', func([], [:i32]) { 6 }); linker.instantiate(store, mod(#{imports_func.inspect})).invoke('f')", 6],
    ["linker.define(store, 'a', 'f', 1)", TypeError, /unexpected extern: 1/],
    ["linker.define(store, 'a', 'f', nil)", TypeError, /unexpected extern: nil/],
    ["linker.define(store, 'a', 1, func)", TypeError, /Integer.*String/],
    ["linker.define(other_store, 'a', 'f', func)", Wasmtime::StoreError, /another store/],
    ["linker.define(store, 'a', 'f', func); linker.define(store, 'a', 'f', func)", Wasmtime::Error, /defined twice/],

    # func_new
    ["linker.func_new('a', 'b', [], []) {}", nil],
    ["linker.func_new('a', 'b', [], [])", ArgumentError, "no block given"],
    ["#{define}; linker.get(store, 'a', 'b').to_func.call", 4],
    ["linker.func_new('a', 'b', [:i32], [:i32]) { |caller, n| $seen = caller.class; n + 1 }; [linker.get(store, 'a', 'b').to_func.call(1), $seen]",
     [2, Wasmtime::Caller]],
    ["#{define}; linker.instantiate(store, mod(#{imports_func.inspect})).invoke('f')", 4],
    ["#{define}; [store, other_store].map { |s| linker.instantiate(s, mod(#{imports_func.inspect})).invoke('f') }", [4, 4]],
    ["linker.func_new('a', 'b', :i32, []) {}", TypeError, /Symbol.*Array/],
    ["linker.func_new(\"\\xFF\", 'b', [], []) {}", EncodingError, /UTF-8/],
    # Ignored by the other gem.
    ["linker.func_new('a', 'b', [], [], nope: 1) {}", ArgumentError, /./],

    # get
    ["#{define}; linker.get(store, 'a', 'b').is_a?(Wasmtime::Extern)", true],
    ["linker.get(store, 'a', 'b')", Wasmtime::Error, /missing definition for/],
    ["linker.get(1, 'a', 'b')", TypeError, "no implicit conversion of Integer into Wasmtime::Store"],

    # instance, module
    ["linker.instance(store, 'i', instance)", nil],
    ["linker.instance(store, 'i', instance); linker.get(store, 'i', 'f').to_func.call(3)", 3],
    ["linker.instance(store, 'i', instance); linker.get(store, 'i', 'm').to_memory.size", 1],
    ["linker.instance(store, 'i', instance); linker.instance(store, 'i', instance)", Wasmtime::Error, /defined twice/],
    ["linker.instance(store, 'i', 1)", TypeError, "no implicit conversion of Integer into Wasmtime::Instance"],
    ["linker.module(store, 'm', mod)", nil],
    ["linker.module(store, 'm', mod); linker.get(store, 'm', 'f').to_func.call(3)", 3],
    ["linker.module(store, 'm', mod(#{imports_func.inspect}))", Wasmtime::Error, /unknown import: `a::b` has not been defined/],
    ["linker.module(store, 'm', 1)", TypeError, "no implicit conversion of Integer into Wasmtime::Module"],

    # alias, alias_module
    ["#{define}; linker.alias('a', 'b', 'c', 'd')", nil],
    ["#{define}; linker.alias('a', 'b', 'c', 'd'); linker.get(store, 'c', 'd').to_func.call", 4],
    ["linker.alias('a', 'b', 'c', 'd')", Wasmtime::Error, /./],
    ["#{define}; linker.alias('a', 'b', 'a', 'b')", Wasmtime::Error, /defined twice/],
    ["#{define}; linker.alias_module('a', 'c')", nil],
    ["#{define}; linker.alias_module('a', 'c'); linker.get(store, 'c', 'b').to_func.call", 4],

    # instantiate
    ["linker.instantiate(store, mod).class", Wasmtime::Instance],
    ["linker.instantiate(store, mod).invoke('f', 3)", 3],
    ["linker.instantiate(store, mod(#{imports_func.inspect}))", Wasmtime::LinkError, /missing import "a" "b": expected \(func \(result i32\)\)/],
    ["raised { linker.instantiate(store, mod(#{imports_func.inspect})) }.is_a?(Wasmtime::Error)", true],
    ["raised { linker.instantiate(store, mod(#{imports_func.inspect})) }.message", /a.*b/m],
    ["linker.func_new('a', 'b', [:i32], []) {}; linker.instantiate(store, mod(#{imports_func.inspect}))",
     Wasmtime::LinkError, /"a" "b": expected \(func \(result i32\)\), given \(func \(param i32\)\)/],
    ["linker.instantiate(store, 1)", TypeError, "no implicit conversion of Integer into Wasmtime::Module"],
    ["linker.instantiate(1, mod)", TypeError, "no implicit conversion of Integer into Wasmtime::Store"],
    ["linker.instantiate(store, mod('(module (func unreachable) (start 0))'))", Wasmtime::Trap, "wasm trap: wasm `unreachable` instruction executed"],
    ["linker.instantiate(Wasmtime::Store.new(Wasmtime::Engine.new), mod)", Wasmtime::Error, /engine/],

    # get_default
    ["linker.module(store, '', mod(#{command.inspect})); linker.get_default(store, '').class", Wasmtime::Func],
    ["linker.module(store, 'm', mod(#{command.inspect})); linker.get_default(store, 'm').call", nil],
    ["linker.func_new('m', '', [], [:i32]) { 8 }; linker.get_default(store, 'm').call", 8],
    # Nothing defined: the other gem returns Wasmtime's function that does nothing.
    ["linker.get_default(store, 'nope').call", nil],

    # A linker that was collected does not take its functions along.
    ["#{define}; f = linker.get(store, 'a', 'b').to_func; @linker = nil; GC.start; f.call", 4],
    # Definitions from inside a host block, while it instantiates.
    ["linker.func_new('', '', [], []) { linker.func_new('x', 'y', [], []) {} }; " \
     "linker.instantiate(store, mod('(module (import \"\" \"\" (func)) (start 0))')).class", Wasmtime::Error, /./],
    ["linker.dup.class", Wasmtime::Linker]
  ]
end
