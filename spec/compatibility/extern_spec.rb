# frozen_string_literal: true

RSpec.describe "compatibility: Wasmtime::Extern" do
  compatibility [
    # A module included in Func, Memory, ...; a class in the other gem.
    ["Wasmtime::Extern.class", Module],
    ["instance.export('f').is_a?(Wasmtime::Extern)", true],
    ["instance.export('m').is_a?(Wasmtime::Extern)", true],
    ["instance.export('t').is_a?(Wasmtime::Extern)", true],
    ["instance.export('g').is_a?(Wasmtime::Extern)", true],
    ["Wasmtime::Extern === instance.export('f')", true],
    ["instance.export('f').class", Wasmtime::Func],

    ["instance.export('f').to_func.class", Wasmtime::Func],
    ["instance.export('m').to_memory.class", Wasmtime::Memory],
    ["instance.export('t').to_table.class", Wasmtime::Table],
    ["instance.export('g').to_global.class", Wasmtime::Global],
    ["instance.export('f').to_memory", Wasmtime::ConversionError, "cannot convert Wasmtime::Func to Wasmtime::Memory"],
    ["instance.export('f').to_table", Wasmtime::ConversionError, "cannot convert Wasmtime::Func to Wasmtime::Table"],
    ["instance.export('f').to_global", Wasmtime::ConversionError, "cannot convert Wasmtime::Func to Wasmtime::Global"],
    ["instance.export('m').to_func", Wasmtime::ConversionError, "cannot convert Wasmtime::Memory to Wasmtime::Func"],
    ["instance.export('t').to_func", Wasmtime::ConversionError, "cannot convert Wasmtime::Table to Wasmtime::Func"],
    ["instance.export('g').to_func", Wasmtime::ConversionError, "cannot convert Wasmtime::Global to Wasmtime::Func"],
    ["instance.export('m').to_func(gvl: false)", Wasmtime::ConversionError, "cannot convert Wasmtime::Memory to Wasmtime::Func"],

    ["f = instance.export('f'); f.to_func.equal?(f.to_func)", true],
    ["f = instance.export('f'); f.to_func(gvl: true).equal?(f.to_func)", true],
    ["f = instance.export('f'); f.to_func(gvl: false).equal?(f.to_func)", false],
    ["instance.export('f').to_func(gvl: false).class", Wasmtime::Func],
    ["instance.export('f').to_func(gvl: false).call(3)", 3],
    ["instance.export('f').to_func(gvl: nil).call(3)", 3],
    ["instance(CALL_I32, [func([:i32], [:i32]) { |_, n| n + 1 }]).export('f').to_func(gvl: false).call(3)", 4],
    ["instance(CALL_BLOCK, [func { raise IOError, 'x' }]).export('f').to_func(gvl: false).call", IOError, "x"],
    ["instance(UNREACHABLE).export('f').to_func(gvl: false).call", Wasmtime::Trap, "wasm trap: wasm `unreachable` instruction executed"],
    ["instance.export('f').to_func(nope: 1)", ArgumentError, "unknown keyword: :nope"],
    # Other threads go on meanwhile.
    ["engine(epoch_interruption: true); store.set_epoch_deadline(1); f = instance(LOOP).export('f').to_func(gvl: false); " \
     "t = Thread.new { sleep 0.05; engine.increment_epoch }; raised { f.call }.code.tap { t.join }", :interrupt],

    ["instance.export('f').inspect", /\A#<Wasmtime::Func/]
  ]
end
