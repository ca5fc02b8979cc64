# frozen_string_literal: true

RSpec.describe "compatibility: Wasmtime::Error and its kin" do
  old_codes = %i[
    stack_overflow memory_out_of_bounds heap_misaligned table_out_of_bounds indirect_call_to_null bad_signature integer_overflow
    integer_division_by_zero bad_conversion_to_integer unreachable_code_reached interrupt out_of_fuel unknown
  ]

  compatibility(old_codes.map { |code| ["Wasmtime::Trap::#{code.upcase}", code] })

  compatibility [
    ["Wasmtime::Error.superclass", StandardError],
    ["Wasmtime::ResultError.superclass", Wasmtime::Error],
    ["Wasmtime::ConversionError.superclass", Wasmtime::Error],
    ["Wasmtime::WasiExit.superclass", Wasmtime::Error],
    ["Wasmtime::Trap.superclass", Wasmtime::Error],
    ["raise Wasmtime::Error, 'x'", Wasmtime::Error, "x"],
    ["raise Wasmtime::ResultError, 'x'", Wasmtime::ResultError, "x"],
    ["raise Wasmtime::ConversionError, 'x'", Wasmtime::ConversionError, "x"],
    ["raise Wasmtime::Trap, 'x'", Wasmtime::Trap, "x"],
    ["Wasmtime::Error.new.message", "Wasmtime::Error"],
    ["Class.new(Wasmtime::Error).new('x').message", "x"],

    ["Wasmtime::WasiExit.new(3).code", 3],
    ["Wasmtime::WasiExit.new(0).code", 0],
    ["Wasmtime::WasiExit.new(3).message", "WASI exit with code 3"],
    ["Wasmtime::WasiExit.new(0).message", "WASI exit with code 0"],
    ["raise Wasmtime::WasiExit.new(3)", Wasmtime::WasiExit, "WASI exit with code 3"],
    ["raise Wasmtime::WasiExit, 3", Wasmtime::WasiExit, "WASI exit with code 3"],
    ["Wasmtime::WasiExit.new", ArgumentError, /wrong number of arguments \(given 0, expected 1\)/],

    ["Wasmtime::Trap.new('x').message", "x"],
    ["Wasmtime::Trap.new('x').code", :unknown],
    ["Wasmtime::Trap.new('x').wasm_backtrace_message", nil],
    ["trap('unreachable').class", Wasmtime::Trap],
    ["trap('unreachable').message", "wasm trap: wasm `unreachable` instruction executed"],
    ["trap('unreachable').to_s", "wasm trap: wasm `unreachable` instruction executed"],
    ["trap('unreachable').code", :unreachable_code_reached],
    ["trap('unreachable').wasm_backtrace_message", /\Aerror while executing at wasm backtrace:\n    0:     0x\h+ - <unknown>!<wasm function 0>/],
    ["trap('unreachable').inspect", /\A#<Wasmtime::Trap:0x\h{16} @trap_code=:unreachable_code_reached>\z/],
    ["trap('(drop (i32.load (i32.const 65536)))').code", :memory_out_of_bounds],
    ["trap('(drop (i32.load (i32.const 65536)))').message", /\Awasm trap: out of bounds memory access/],
    ["trap('(drop (table.get (i32.const 9)))').code", :table_out_of_bounds],
    ["trap('(call_indirect (type $t) (i32.const 0))').code", :indirect_call_to_null],
    ["trap('(drop (i32.div_s (i32.const 1) (i32.const 0)))').code", :integer_division_by_zero],
    ["trap('(drop (i32.div_s (i32.const 0x80000000) (i32.const -1)))').code", :integer_overflow],
    ["trap('(drop (i32.trunc_f32_s (f32.const nan)))').code", :bad_conversion_to_integer],
    ["trap('(call 0)').code", :stack_overflow],
    ["trap('(call 0)').message", "wasm trap: call stack exhausted"],
    ["engine(consume_fuel: true); store.set_fuel(100); raised { instance(LOOP).invoke('f') }.code", :out_of_fuel],
    ["engine(consume_fuel: true); store.set_fuel(100); raised { instance(LOOP).invoke('f') }.message", "wasm trap: all fuel consumed by WebAssembly"],
    ["engine(consume_fuel: true); store.set_fuel(100); raised { instance(LOOP).invoke('f') }.is_a?(Wasmtime::Trap)", true],
    ["engine(epoch_interruption: true); raised { instance(LOOP).invoke('f') }.code", :interrupt],
    ["raised { instance('(module (type $t (func (param i32))) (table 1 funcref) (elem (i32.const 0) $f) " \
     "(func $f (export \"f\") (call_indirect (type $t) (i32.const 0) (i32.const 0))))').invoke('f') }.code", :bad_signature],

    # All 50 codes, where the existing gem says :unknown.
    ["Wasmtime::Trap::CODES.size", 50],
    ["Wasmtime::Trap::NULL_REFERENCE", :null_reference],
    ["engine(wasm_gc: true, wasm_function_references: true); trap('(drop (struct.get 1 0 (ref.null 1)))').class", Wasmtime::CompileError],
    ["engine(wasm_gc: true, wasm_function_references: true); trap('(call_ref $t (ref.null $t))').code", :null_reference],

    # Errors of Wasmtime have no cause.
    ["raised { mod('(module') }.cause", nil],
    ["raised { instance(ADD).invoke('nope') }.cause", nil],

    # Nothing a bare rescue would miss.
    ["engine(wasm_exceptions: true); begin; instance(TAG).exports['tag'].to_func; rescue => e; e.class; end", Wasmtime::ConversionError]
  ]
end
