# frozen_string_literal: true

RSpec.describe "compatibility: Wasmtime::Global" do
  compatibility [
    ["Wasmtime::Global.superclass", Object],
    ["Wasmtime::Global.const(store, :i32, 1).class", Wasmtime::Global],
    ["Wasmtime::Global.var(store, :i32, 1).class", Wasmtime::Global],
    ["Class.new(Wasmtime::Global).const(store, :i32, 1).class", Wasmtime::Global],
    ["Wasmtime::Global.allocate", TypeError, /allocator undefined for Wasmtime::Global/],
    ["Wasmtime::Global.respond_to?(:new)", false],
    ["Wasmtime::Global.const(store, :i32, 1).dup", TypeError, /Wasmtime::Global/],
    ["Wasmtime::Global.const(store, :i32)", ArgumentError, /wrong number of arguments \(given 2, expected 3\)/],
    ["Wasmtime::Global.const(1, :i32, 1)", TypeError, "no implicit conversion of Integer into Wasmtime::Store"],
    ["Wasmtime::Global.const(store, :i32, 'x')", TypeError, /String.*Integer/],
    ["Wasmtime::Global.const(store, :i32, nil)", TypeError, /nil/],
    ["Wasmtime::Global.const(store, :i32, 2**32)", RangeError, /./],
    ["Wasmtime::Global.const(store, :funcref, 1)", TypeError, /Wasmtime::Func/],

    ["Wasmtime::Global.const(store, :i32, 1).const?", true],
    ["Wasmtime::Global.const(store, :i32, 1).var?", false],
    ["Wasmtime::Global.var(store, :i32, 1).const?", false],
    ["Wasmtime::Global.var(store, :i32, 1).var?", true],
    ["Wasmtime::Global.var(store, :f64, 1).type", :f64],
    ["Wasmtime::Global.const(store, :externref, 1).type", :externref],

    ["Wasmtime::Global.const(store, :i32, 1).get", 1],
    ["Wasmtime::Global.const(store, :i64, -1).get", -1],
    ["Wasmtime::Global.const(store, :f32, 1.5).get", 1.5],
    ["Wasmtime::Global.const(store, :f64, 2).get", 2.0],
    ["Wasmtime::Global.const(store, :externref, :x).get", :x],
    ["Wasmtime::Global.const(store, :externref, nil).get", nil],
    ["o = BasicObject.new; Wasmtime::Global.const(store, :externref, o).get.__id__ == o.__id__", true],
    ["Wasmtime::Global.const(store, :funcref, nil).get", nil],
    ["Wasmtime::Global.const(store, :funcref, func([], [:i32]) { 4 }).get.call", 4],

    ["Wasmtime::Global.var(store, :i32, 1).set(2)", nil],
    ["g = Wasmtime::Global.var(store, :i32, 1); g.set(2); g.get", 2],
    ["g = Wasmtime::Global.var(store, :externref, 1); g.set(+'kept'); GC.start; g.get", "kept"],
    ["Wasmtime::Global.var(store, :i32, 1).set('x')", TypeError, /String.*Integer/],
    ["Wasmtime::Global.var(store, :i32, 1).set(2**32)", RangeError, /./],
    ["Wasmtime::Global.var(store, :funcref, nil).set(1)", TypeError, /Wasmtime::Func/],
    ["Wasmtime::Global.const(store, :i32, 1).set(2)", Wasmtime::Error, "immutable global cannot be set"],
    ["Wasmtime::Global.var(store, :funcref, nil).set(Wasmtime::Func.new(other_store, [], []) {})", Wasmtime::Error, /another store/],

    ["instance.export('g').to_global.get", 7],
    ["i = instance; i.export('g').to_global.set(8); i.export('g').to_global.get", 8],
    ["i = instance('(module (import \"\" \"\" (global (mut i32))) (func (export \"f\") (result i32) (global.get 0)))', " \
     "[Wasmtime::Global.var(store, :i32, 5)]); i.invoke('f')", 5]
  ]
end
