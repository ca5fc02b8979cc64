# frozen_string_literal: true

RSpec.describe "compatibility: the type objects of Wasmtime::Module#imports" do
  one = ->(import) { "mod('(module (import \"a\" \"b\" #{import}))').imports[0]['type']" }
  func = one["(func (param i32 i64) (result f32 f64))"]
  global = one["(global (mut i32))"]
  memory = one["(memory 1 2)"]
  table = one["(table 1 2 funcref)"]
  bad = "invalid WebAssembly type, expected one of [:i32, :i64, :f32, :f64, :v128, :funcref, :externref"

  compatibility [
    ["#{func}.is_a?(Wasmtime::ExternType)", true],
    ["#{func}.to_func_type.class", Wasmtime::FuncType],
    ["#{func}.to_func_type.params", %i[i32 i64]],
    ["#{func}.to_func_type.results", %i[f32 f64]],
    ["#{one['(func)']}.to_func_type.params", []],
    ["#{one['(func)']}.to_func_type.results", []],
    ["#{one['(func (param v128 funcref externref))']}.to_func_type.params", %i[v128 funcref externref]],
    ["#{global}.to_global_type.class", Wasmtime::GlobalType],
    ["#{global}.to_global_type.var?", true],
    ["#{global}.to_global_type.const?", false],
    ["#{one['(global i64)']}.to_global_type.const?", true],
    ["#{one['(global i64)']}.to_global_type.var?", false],
    ["#{one['(global i64)']}.to_global_type.type", :i64],
    ["#{memory}.to_memory_type.class", Wasmtime::MemoryType],
    ["#{memory}.to_memory_type.min_size", 1],
    ["#{memory}.to_memory_type.max_size", 2],
    ["#{one['(memory 1)']}.to_memory_type.max_size", nil],
    ["#{table}.to_table_type.class", Wasmtime::TableType],
    ["#{table}.to_table_type.type", :funcref],
    ["#{table}.to_table_type.min_size", 1],
    ["#{table}.to_table_type.max_size", 2],
    ["#{one['(table 1 externref)']}.to_table_type.max_size", nil],
    ["#{one['(table 1 externref)']}.to_table_type.type", :externref],

    ["#{func}.to_memory_type", Wasmtime::ConversionError, /\Acannot convert Wasmtime::FuncType to Wasmtime::Memory/],
    ["#{func}.to_table_type", Wasmtime::ConversionError, /\Acannot convert Wasmtime::FuncType to Wasmtime::Table/],
    ["#{func}.to_global_type", Wasmtime::ConversionError, /\Acannot convert Wasmtime::FuncType to Wasmtime::Global/],
    ["#{memory}.to_func_type", Wasmtime::ConversionError, /\Acannot convert Wasmtime::MemoryType to Wasmtime::Func/],
    ["#{table}.to_func_type", Wasmtime::ConversionError, /\Acannot convert Wasmtime::TableType to Wasmtime::Func/],
    ["#{global}.to_func_type", Wasmtime::ConversionError, /\Acannot convert Wasmtime::GlobalType to Wasmtime::Func/],

    # What the existing gem cannot say at all.
    ["engine(wasm_exceptions: true); #{one['(tag (param i32))']}.class", Wasmtime::TagType],
    ["engine(wasm_function_references: true); #{one['(func (param (ref null extern) (ref func)))']}.params.map(&:to_s)", ["externref", "(ref func)"]],
    ["Wasmtime::FuncType.new([:i32], []).params", [:i32]],

    # Type Symbols.
    ["func(%i[i32 i64 f32 f64 v128 funcref externref]).params", %i[i32 i64 f32 f64 v128 funcref externref]],
    ["func([:nope])", ArgumentError, /\A#{Regexp.escape(bad)}.*\], got :nope\z/],
    ["func([], [:nope])", ArgumentError, /\A#{Regexp.escape(bad)}.*\], got :nope\z/],
    ["func(['i32'])", TypeError, /String.*Symbol/],
    ["Wasmtime::Global.const(store, :nope, 1)", ArgumentError, /\A#{Regexp.escape(bad)}.*\], got :nope\z/],
    ["Wasmtime::Global.const(store, 'i32', 1)", TypeError, /String.*Symbol/],
    ["Wasmtime::Table.new(store, :nope, nil, min_size: 1)", ArgumentError, /\A#{Regexp.escape(bad)}.*\], got :nope\z/],
    ["linker.func_new('', '', [:nope], []) {}", ArgumentError, /\A#{Regexp.escape(bad)}.*\], got :nope\z/]
  ]
end
