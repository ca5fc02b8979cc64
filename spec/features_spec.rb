# frozen_string_literal: true

# Every proposal of WebAssembly that this build has, run by every compiler that can, and counted by fuel.
RSpec.describe "WebAssembly's features" do
  compilers = { cranelift: { strategy: :cranelift }, winch: { strategy: :winch }, pulley: { target: "pulley64" } }

  # Options, a module that exports `run`, what it gives, and the compilers that lack it.
  features = {
    "tail calls" => [{ wasm_tail_call: true }, <<~WAT, 0, %i[winch]],
      (module (func $down (param i64) (result i64)
          (if (result i64) (i64.eqz (local.get 0)) (then (i64.const 0)) (else (return_call $down (i64.sub (local.get 0) (i64.const 1))))))
        (func (export "run") (result i64) (call $down (i64.const 1000000))))
    WAT
    "SIMD" => [{ wasm_simd: true }, <<~WAT, 10, []],
      (module (func (export "run") (result i32)
        (i32x4.extract_lane 3 (i32x4.add (v128.const i32x4 1 2 3 4) (v128.const i32x4 9 8 7 6)))))
    WAT
    "relaxed SIMD" => [{ wasm_relaxed_simd: true }, <<~WAT, 7.0, %i[winch]],
      (module (func (export "run") (result f32)
        (f32x4.extract_lane 0 (f32x4.relaxed_madd (f32x4.splat (f32.const 2)) (f32x4.splat (f32.const 3)) (f32x4.splat (f32.const 1))))))
    WAT
    "relaxed SIMD with the same result everywhere" => [{ wasm_relaxed_simd: true, wasm_relaxed_simd_deterministic: true }, <<~WAT, 0, %i[winch]],
      (module (func (export "run") (result i32)
        (i8x16.extract_lane_s 0 (i8x16.relaxed_swizzle (i8x16.splat (i32.const 5)) (i8x16.splat (i32.const 100))))))
    WAT
    "wide arithmetic" => [{ wasm_wide_arithmetic: true }, <<~WAT, [-2, 1], []],
      (module (func (export "run") (result i64 i64) (i64.mul_wide_u (i64.const -1) (i64.const 2))))
    WAT
    "threads" => [{ wasm_threads: true, shared_memory: true }, <<~WAT, [0, 5], %i[pulley]],
      (module (memory 1 1 shared) (func (export "run") (result i32 i32)
        (i32.atomic.rmw.add (i32.const 0) (i32.const 5)) (i32.atomic.load (i32.const 0))))
    WAT
    "64-bit memories" => [{ wasm_memory64: true }, <<~WAT, 9, []],
      (module (memory i64 1) (func (export "run") (result i32) (i32.store (i64.const 8) (i32.const 9)) (i32.load (i64.const 8))))
    WAT
    "64-bit tables" => [{ wasm_memory64: true }, <<~WAT, 1, []],
      (module (table i64 3 funcref) (elem (i64.const 1) $one) (func $one (result i32) (i32.const 1))
        (func (export "run") (result i32) (call_indirect (result i32) (i64.const 1))))
    WAT
    "several memories" => [{ wasm_multi_memory: true }, <<~WAT, 3, []],
      (module (memory $a 1) (memory $b 1) (func (export "run") (result i32)
        (i32.store $b (i32.const 0) (i32.const 3)) (i32.add (i32.load $a (i32.const 0)) (i32.load $b (i32.const 0)))))
    WAT
    "pages of one byte" => [{ wasm_custom_page_sizes: true }, <<~WAT, [10, 10, 15], []],
      (module (memory 10 (pagesize 1)) (func (export "run") (result i32 i32 i32) (memory.size) (memory.grow (i32.const 5)) (memory.size)))
    WAT
    "bulk memory" => [{ wasm_bulk_memory: true }, <<~WAT, 7, []],
      (module (memory 1) (func (export "run") (result i32) (memory.fill (i32.const 4) (i32.const 7) (i32.const 8)) (i32.load8_u (i32.const 11))))
    WAT
    "multiple values" => [{ wasm_multi_value: true }, <<~WAT, [2, 1], []],
      (module (func $swap (param i32 i32) (result i32 i32) (local.get 1) (local.get 0)) (func (export "run") (result i32 i32) (call $swap (i32.const 1) (i32.const 2))))
    WAT
    "reference types" => [{ wasm_reference_types: true }, <<~WAT, 1, %i[winch]],
      (module (table 1 externref) (func (export "run") (result i32) (ref.is_null (table.get 0 (i32.const 0)))))
    WAT
    "typed function references" => [{ wasm_function_references: true }, <<~WAT, 6, %i[winch]],
      (module (type $t (func (param i32) (result i32))) (elem declare func $double)
        (func $double (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2)))
        (func (export "run") (result i32) (call_ref $t (i32.const 3) (ref.func $double))))
    WAT
    "garbage collection" => [{ wasm_gc: true, wasm_function_references: true }, <<~WAT, 12, %i[winch]],
      (module (type $point (struct (field (mut i32)) (field i32))) (type $points (array (mut (ref null $point))))
        (func (export "run") (result i32) (local $all (ref $points))
          (local.set $all (array.new_default $points (i32.const 4)))
          (array.set $points (local.get $all) (i32.const 2) (struct.new $point (i32.const 5) (i32.const 7)))
          (i32.add (struct.get $point 0 (array.get $points (local.get $all) (i32.const 2)))
                   (struct.get $point 1 (array.get $points (local.get $all) (i32.const 2))))))
    WAT
    "exceptions" => [{ wasm_exceptions: true }, <<~WAT, 42, %i[winch]],
      (module (tag $oops (param i32)) (func $fail (throw $oops (i32.const 42)))
        (func (export "run") (result i32) (block $caught (result i32) (try_table (catch $oops $caught) (call $fail)) (i32.const 0))))
    WAT
    "extended constants" => [{}, <<~WAT, 7, []]
      (module (global $g i32 (i32.add (i32.const 3) (i32.const 4))) (func (export "run") (result i32) (global.get $g)))
    WAT
  }

  features.each do |feature, (options, wat, result, lacking)|
    compilers.each do |compiler, how|
      if lacking.include?(compiler)
        it "#{feature}: refused with a reason by #{compiler}" do
          expect { Wasmtime::Module.new(Wasmtime::Engine.new(**how, **options), wat) }.to raise_error(Wasmtime::Error, /support|enabled|not/)
        end
      else
        it "#{feature}: run by #{compiler}, counted by fuel" do
          engine = Wasmtime::Engine.new(consume_fuel: true, **how, **options)
          store = Wasmtime::Store.new(engine)
          store.set_fuel(100_000_000)
          instance = Wasmtime::Instance.new(store, Wasmtime::Module.new(engine, wat))
          expect(instance.invoke("run")).to eq(result)
          expect(store.get_fuel).to be_between(80_000_000, 99_999_999)
        end
      end
    end
  end

  it "end with OutOfFuelError when the fuel is used up, by every compiler" do
    compilers.each_value do |how|
      engine = Wasmtime::Engine.new(consume_fuel: true, **how)
      store = Wasmtime::Store.new(engine).tap { |made| made.set_fuel(10_000) }
      instance = Wasmtime::Instance.new(store, Wasmtime::Module.new(engine, '(module (func (export "run") (loop $again (br $again))))'))
      expect { instance.invoke("run") }.to raise_error(Wasmtime::OutOfFuelError)
    end
  end
end
