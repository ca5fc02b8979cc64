# frozen_string_literal: true

RSpec.describe "compatibility: Wasmtime::Table" do
  compatibility [
    ["Wasmtime::Table.superclass", Object],
    ["Wasmtime::Table.new(store, :funcref, nil, min_size: 1).class", Wasmtime::Table],
    ["Wasmtime::Table.new(store, :externref, :x, min_size: 1).class", Wasmtime::Table],
    ["Wasmtime::Table.new(store, :funcref, func, min_size: 1, max_size: 2).class", Wasmtime::Table],
    ["Class.new(Wasmtime::Table).new(store, :funcref, nil, min_size: 1).class", Wasmtime::Table],
    ["Wasmtime::Table.allocate", TypeError, /allocator undefined for Wasmtime::Table/],
    ["table.dup", TypeError, /Wasmtime::Table/],
    ["Wasmtime::Table.new(store, :funcref, nil)", ArgumentError, "missing keyword: :min_size"],
    ["Wasmtime::Table.new(store, :funcref, nil, min_size: 1, nope: 1)", ArgumentError, "unknown keyword: :nope"],
    ["Wasmtime::Table.new(store, :funcref, nil, min_size: 'x')", TypeError, "no implicit conversion of String into Integer"],
    ["Wasmtime::Table.new(store, :funcref, nil, min_size: -1)", RangeError, /./],
    ["Wasmtime::Table.new(store, :funcref, 1, min_size: 1)", TypeError, /Wasmtime::Func/],
    ["Wasmtime::Table.new(store, :i32, 1, min_size: 1)", Wasmtime::Error, /./],
    ["Wasmtime::Table.new(1, :funcref, nil, min_size: 1)", TypeError, "no implicit conversion of Integer into Wasmtime::Store"],
    # nil is a TypeError in the other gem.
    ["Wasmtime::Table.new(store, :funcref, nil, min_size: 1, max_size: nil).max_size", nil],

    ["table(:funcref).type", :funcref],
    ["table(:externref).type", :externref],
    ["table.min_size", 2],
    ["table.max_size", nil],
    ["table(:externref, nil, max_size: 5).max_size", 5],
    ["table.size", 2],
    ["table.grow(3, nil); table.size", 5],
    ["table.grow(3, nil); table.min_size", 2],

    ["table.get(0)", nil],
    ["table(:externref, :x).get(1)", :x],
    ["o = Object.new; table(:externref, o).get(1).equal?(o)", true],
    ["o = BasicObject.new; table(:externref, o).get(1).__id__ == o.__id__", true],
    ["table(:funcref, func([], [:i32]) { 4 }).get(1).call", 4],
    ["table.get(2)", nil],
    ["table.get(2**32)", nil],
    ["table.get(-1)", RangeError, /./],
    ["table.get('x')", TypeError, "no implicit conversion of String into Integer"],
    ["table.get(0.9)", nil],

    ["table.set(0, :x)", nil],
    ["table.set(0, :x); table.get(0)", :x],
    ["table.set(0, :x); table.set(0, nil); table.get(0)", nil],
    ["table(:funcref).set(0, func([], [:i32]) { 4 }); table.get(0).call", 4],
    ["table(:funcref).set(0, 1)", TypeError, /Wasmtime::Func/],
    ["table.set(2, :x)", Wasmtime::Error, /out of bounds/],
    ["table.set(-1, :x)", RangeError, /./],
    ["table(:funcref).set(0, Wasmtime::Func.new(other_store, [], []) {})", Wasmtime::Error, /another store/],

    ["table.grow(1, nil)", 2],
    ["table.grow(2, :x); table.get(3)", :x],
    ["table.grow(0, nil)", 2],
    ["table(:externref, nil, max_size: 2).grow(1, nil)", Wasmtime::Error, "failed to grow table by `1`"],
    ["table(:externref, nil, max_size: 2).grow(5, nil)", Wasmtime::Error, "failed to grow table by `5`"],
    ["table(:funcref).grow(1, :x)", TypeError, /Wasmtime::Func/],
    ["table.grow(-1, nil)", RangeError, /./],
    ["table.grow('x', nil)", TypeError, "no implicit conversion of String into Integer"],

    # The guest sees what Ruby put there, after GC too.
    ["table(:externref, nil).set(0, +'kept'); GC.start; table.get(0)", "kept"],
    ["i = instance('(module (table (export \"t\") 1 externref) (func (export \"put\") (param externref) (table.set (i32.const 0) ' \\\n" \
     "'(local.get 0))))'); i.invoke('put', +'kept'); GC.start; i.export('t').to_table.get(0)", "kept"],

    ["table.set(1, :x); table.to_a", [nil, :x]]
  ]
end
