# frozen_string_literal: true

RSpec.describe "compatibility: Wasmtime::Store" do
  memory = '(module (memory (export "m") 1) (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))'
  fuel = "engine(consume_fuel: true)"
  epochs = "engine(epoch_interruption: true)"
  closed = "Wasmtime::Store is closed"

  compatibility [
    ["Wasmtime::Store.superclass", Object],
    ["Wasmtime::Store.new(engine).class", Wasmtime::Store],
    ["Class.new(Wasmtime::Store).new(engine).class", Wasmtime::Store],
    ["Wasmtime::Store.allocate", TypeError, /allocator undefined for Wasmtime::Store/],
    ["store.dup", TypeError, /Wasmtime::Store/],
    ["store.clone", TypeError, /Wasmtime::Store/],
    ["Wasmtime::Store.new(1)", TypeError, "no implicit conversion of Integer into Wasmtime::Engine"],
    ["Wasmtime::Store.new(nil)", TypeError, "no implicit conversion of NilClass into Wasmtime::Engine"],

    ["store.data", nil],
    ["Wasmtime::Store.new(engine, :x).data", :x],
    ["o = Object.new; Wasmtime::Store.new(engine, o).data.equal?(o)", true],
    ["o = BasicObject.new; o.__id__ == Wasmtime::Store.new(engine, o).data.__id__", true],
    ["Wasmtime::Store.new(engine, { a: 1 }).data", { a: 1 }],
    ["Wasmtime::Store.new(engine, nil, limits: { memory_size: 1 }).data", nil],

    # Limits.
    ["store(nil, limits: { memory_size: 65_536 }); instance(#{memory.inspect}).invoke('grow', 1)", -1],
    ["store(nil, limits: { memory_size: 131_072 }); instance(#{memory.inspect}).invoke('grow', 1)", 1],
    ["store(nil, limits: { memory_size: nil }); instance(#{memory.inspect}).invoke('grow', 1)", 1],
    ["store(nil, limits: { memory_size: 65_536 }); memory.grow(1)", Wasmtime::Error, "failed to grow memory by `1`"],
    ["store(nil, limits: { memory_size: 1 }); instance(#{memory.inspect})", Wasmtime::Error, /memory minimum size of 1 pages exceeds memory limits/],
    ["store(nil, limits: { table_elements: 2 }); table.grow(1, nil)", Wasmtime::Error, "failed to grow table by `1`"],
    ["store(nil, limits: { table_elements: 3 }); table.grow(1, nil)", 2],
    ["store(nil, limits: { instances: 1 }); instance; instance", Wasmtime::Error, "resource limit exceeded: instance count too high at 2"],
    ["store(nil, limits: { tables: 1 }); 2.times { instance('(module (table 1 funcref))') }", Wasmtime::Error,
     "resource limit exceeded: table count too high at 2"],
    ["store(nil, limits: { memories: 1 }); 2.times { instance('(module (memory 1))') }", Wasmtime::Error,
     "resource limit exceeded: memory count too high at 2"],
    ["store(nil, limits: { instances: 2 }); instance; instance.class", Wasmtime::Instance],
    ["store(nil, limits: { memory_size: 'x' })", TypeError, /String/],
    ["store(nil, limits: { memory_size: 1.9 }).class", Wasmtime::Store],
    ["store(nil, limits: {}).class", Wasmtime::Store],
    ["store(nil, limits: 3)", TypeError, /Integer/],
    # The other gem ignores what it does not know, and refuses nil.
    ["store(nil, limits: { memory_sise: 1 })", ArgumentError, /unknown limit: :memory_sise.*:memory_size/],
    ["store(nil, limits: nil).class", Wasmtime::Store],
    ["store(nil, nope: 1)", ArgumentError, "unknown keyword: :nope"],

    ["store(nil, limits: { memory_size: 65_536 }).linear_memory_limit_hit?", false],
    ["store(nil, limits: { memory_size: 65_536 }); instance(#{memory.inspect}).invoke('grow', 1); store.linear_memory_limit_hit?", true],
    ["store(nil, limits: { memory_size: 65_536 }); raised { memory.grow(1) }; store.linear_memory_limit_hit?", true],
    ["store(nil, limits: { memory_size: 131_072 }); instance(#{memory.inspect}).invoke('grow', 1); store.linear_memory_limit_hit?", false],
    ["store.linear_memory_limit_hit?", false],
    ["store.max_linear_memory_consumed", 0],
    ["memory; store.max_linear_memory_consumed", 65_536],
    ["memory.grow(2); store.max_linear_memory_consumed", 196_608],
    ["instance(#{memory.inspect}).invoke('grow', 1); store.max_linear_memory_consumed", 131_072],
    ["memory; Wasmtime::Memory.new(store, min_size: 2); store.max_linear_memory_consumed", 131_072],
    ["store(nil, limits: { memory_size: 65_536 }); instance(#{memory.inspect}).invoke('grow', 1); store.max_linear_memory_consumed", 131_072],

    # Fuel.
    ["#{fuel}; store.get_fuel", 0],
    ["#{fuel}; store.set_fuel(5)", nil],
    ["#{fuel}; store.set_fuel(5); store.get_fuel", 5],
    ["#{fuel}; store.set_fuel(1000); instance(ADD).invoke('add', 1, 2); store.get_fuel.between?(1, 999)", true],
    ["#{fuel}; instance(ADD).invoke('add', 1, 2)", Wasmtime::OutOfFuelError, "wasm trap: all fuel consumed by WebAssembly"],
    ["#{fuel}; store.set_fuel('x')", TypeError, /String/],
    ["#{fuel}; store.set_fuel(-1)", RangeError, /./],
    ["#{fuel}; store.set_fuel(1.9); store.get_fuel", 1],
    ["store.get_fuel", Wasmtime::Error, /fuel is not configured in this store/],
    ["store.set_fuel(1)", Wasmtime::Error, /fuel is not configured in this store/],

    # Epochs.
    ["#{epochs}; store.set_epoch_deadline(1)", nil],
    ["#{epochs}; raised { instance(LOOP).invoke('f') }.code", :interrupt],
    ["#{epochs}; instance(ADD).invoke('add', 1, 2)", Wasmtime::Trap, "wasm trap: interrupt"],
    ["#{epochs}; store.set_epoch_deadline(1); instance(ADD).invoke('add', 1, 2)", 3],
    ["#{epochs}; store.set_epoch_deadline(-1)", RangeError, /./],
    ["#{epochs}; store.set_epoch_deadline('x')", TypeError, /String/],

    # Since 46.
    ["store.close", true],
    ["store.close; store.close", false],
    ["store.closed?", false],
    ["store.close; store.closed?", true],
    ["store.close; store.data", Wasmtime::StoreClosedError, closed],
    ["#{fuel}; store.close; store.get_fuel", Wasmtime::StoreClosedError, closed],
    ["#{fuel}; store.close; store.set_fuel(1)", Wasmtime::StoreClosedError, closed],
    ["#{epochs}; store.close; store.set_epoch_deadline(1)", Wasmtime::StoreClosedError, closed],
    ["store.close; store.linear_memory_limit_hit?", Wasmtime::StoreClosedError, closed],
    ["store.close; store.max_linear_memory_consumed", Wasmtime::StoreClosedError, closed],
    ["store.close; instance", Wasmtime::StoreClosedError, closed],
    ["store.close; memory", Wasmtime::StoreClosedError, closed],
    ["store.close; table", Wasmtime::StoreClosedError, closed],
    ["store.close; func", Wasmtime::StoreClosedError, closed],
    ["store.close; Wasmtime::Global.const(store, :i32, 1)", Wasmtime::StoreClosedError, closed],
    ["store.close; linker.instantiate(store, mod)", Wasmtime::StoreClosedError, closed],
    ["i = instance; store.close; i.invoke('f', 1)", Wasmtime::StoreClosedError, closed],
    ["i = instance; store.close; i.exports", Wasmtime::StoreClosedError, closed],
    ["i = instance; store.close; i.export('f')", Wasmtime::StoreClosedError, closed],
    ["f = func; store.close; f.call", Wasmtime::StoreClosedError, closed],
    ["f = func; store.close; f.params", Wasmtime::StoreClosedError, closed],
    ["m = memory; store.close; m.read(0, 1)", Wasmtime::StoreClosedError, closed],
    ["m = memory; store.close; m.size", Wasmtime::StoreClosedError, closed],
    ["t = table; store.close; t.get(0)", Wasmtime::StoreClosedError, closed],
    ["g = Wasmtime::Global.const(store, :i32, 1); store.close; g.get", Wasmtime::StoreClosedError, closed],
    ["store.close; raised { store.data }.is_a?(Wasmtime::Error)", true],

    ["Ractor.shareable?(store)", false],
    ["fresh_process('store = Ractor.new { Wasmtime::Store.new(Wasmtime::Engine.new).tap { |s| break s.closed? } }; p store.take')", "false\n"],

    # A store runs in one thread at a time; nobody checks in the other gem.
    ["host { Thread.new { raised { func.call } }.value.then { |e| raise e } }", Wasmtime::StoreBusyError, /the store is busy/],
    ["host { store.close }", Wasmtime::StoreBusyError, /the store is busy/],
    # The other gem cannot be interrupted.
    ["require 'timeout'; Timeout.timeout(0.1) { instance(LOOP).invoke('f') }", Timeout::Error, "execution expired"],

    # A request as programs serve it.
    ["engine(epoch_interruption: true, consume_fuel: true); store(nil, limits: { memory_size: 1 << 20 }); store.set_fuel(10_000); " \
     "store.set_epoch_deadline(1); code = raised { linker.instantiate(store, mod(LOOP)).invoke('f') }.code; " \
     "[code, store.linear_memory_limit_hit?, store.get_fuel, store.close]", [:out_of_fuel, false, 0, true]]
  ]
end
