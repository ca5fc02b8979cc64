# frozen_string_literal: true

RSpec.describe "compatibility: Wasmtime::Caller" do
  # Calls the import "" "" from wasm that exports a function, memory, table and global; the row's block is the import.
  exporting = '(module (import "" "" (func)) (memory (export "m") 1) (table (export "t") 2 funcref) (global (export "g") (mut i32) ' \
              '(i32.const 7)) (func (export "add") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1))) (func (export "f") (call 0)))'
  inside = ->(code) { "result = nil; instance(#{exporting.inspect}, [func { |caller| result = #{code} }]).invoke('f'); result" }
  kept = ->(code) { "kept = nil; instance(#{exporting.inspect}, [func { |caller| kept = #{code} }]).invoke('f'); kept" }
  outlived = "Caller outlived its Func execution"

  compatibility [
    ["Wasmtime::Caller.superclass", Object],
    [inside["caller.class"], Wasmtime::Caller],
    ["host([:externref]) { |caller| caller.store_data }", nil],
    ["Wasmtime::Caller.allocate", TypeError, /allocator undefined for Wasmtime::Caller/],
    ["Wasmtime::Caller.new", TypeError, /allocator undefined for Wasmtime::Caller/],
    ["Wasmtime::Func.new(store(:data), [], [:externref]) { |caller| caller.store_data }.call", :data],
    ["o = Object.new; Wasmtime::Func.new(store(o), [], [:externref]) { |caller| caller.store_data }.call.equal?(o)", true],
    ["linker.func_new('', '', [], [:externref]) { |caller| [caller.store_data] }; linker.get(store(:data), '', '').to_func.call", :data],

    [inside["caller.export('m').to_memory.class"], Wasmtime::Memory],
    [inside["caller.export('add').to_func.call(1)"], 2],
    [inside["caller.export('g').to_global.get"], 7],
    [inside["caller.export('t').to_table.size"], 2],
    [inside["caller.export('nope')"], nil],
    [inside["caller.export('m').to_memory.write(0, 'hello')"], nil],
    [inside["caller.export('m').to_memory.tap { |m| m.write(0, 'hello') }.read(0, 5)"], "hello".b],
    [inside["raised { caller.export('m').to_func }.class"], Wasmtime::ConversionError],
    [inside["raised { caller.export(1) }.class"], TypeError],
    ["host([:externref]) { |caller| [caller.export('m')] }", nil],

    ["engine(consume_fuel: true); store.set_fuel(1000); #{inside['caller.get_fuel.between?(1, 1000)']}", true],
    ["engine(consume_fuel: true); store.set_fuel(1000); #{inside['caller.set_fuel(7)']}", nil],
    ["engine(consume_fuel: true); store.set_fuel(1000); #{inside['(caller.set_fuel(7); caller.get_fuel)']}", 7],
    [inside["raised { caller.get_fuel }.message"], /fuel is not configured in this store/],
    [inside["raised { caller.set_fuel(1) }.message"], /fuel is not configured in this store/],

    # It ends with the block.
    ["#{kept['caller']}.store_data", Wasmtime::Error, outlived],
    ["#{kept['caller']}.export('m')", Wasmtime::Error, outlived],
    ["engine(consume_fuel: true); store.set_fuel(1000); #{kept['caller']}.get_fuel", Wasmtime::Error, outlived],
    ["engine(consume_fuel: true); store.set_fuel(1000); #{kept['caller']}.set_fuel(1)", Wasmtime::Error, outlived],
    ["kept = nil; raised { host { |caller| kept = caller; raise 'x' } }; kept.store_data", Wasmtime::Error, outlived],
    ["kept = nil; catch(:x) { host { |caller| kept = caller; throw :x } }; kept.store_data", Wasmtime::Error, outlived],
    ["kept = nil; host { |caller| kept = caller }; host { kept.store_data }", Wasmtime::Error, outlived],

    # What it gave stays: it belongs to the store, not to the block. The other gem lets it end with the block.
    ["#{kept["caller.export('m').to_memory"]}.read(0, 1)", "\0".b],
    ["#{kept["caller.export('add').to_func"]}.call(1)", 2],
    ["#{kept["caller.export('g').to_global"]}.get", 7],
    ["#{kept["caller.export('t').to_table"]}.size", 2],
    ["kept = nil; func([:funcref]) { |_, f| kept = f }.call(func([], [:i32]) { 1 }); kept.call", 1],
    ["#{kept["caller.export('m').to_memory"]}; GC.start; kept.size", 1],

    # Beyond the other gem.
    [inside["caller.store.equal?(store)"], true],
    [inside["[caller['m'], caller.export(:m)].map(&:size)"], [1, 1]],
    ["#{kept['caller']}.valid?", false]
  ]
end
