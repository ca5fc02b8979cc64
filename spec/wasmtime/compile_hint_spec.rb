# frozen_string_literal: true

RSpec.describe "CompileHint" do
  # The option that is off, others that must go with it, and a module that needs it.
  features = [
    [:wasm_simd, { wasm_relaxed_simd: false }, "(module (func (result v128) v128.const i64x2 0 0))"],
    [:wasm_relaxed_simd, {}, "(module (func (param v128 v128) (result v128) local.get 0 local.get 1 i8x16.relaxed_swizzle))"],
    [:wasm_threads, {}, "(module (memory 1 1 shared))"],
    [:wasm_multi_memory, {}, "(module (memory 1) (memory 1))"],
    [:wasm_memory64, {}, "(module (memory i64 1))"],
    [:wasm_memory64, {}, "(module (table i64 1 funcref))"],
    [:wasm_tail_call, {}, "(module (func $f return_call $f))"],
    [:wasm_exceptions, {}, "(module (tag))"],
    [:wasm_multi_value, {}, "(module (func (result i32 i32) i32.const 0 i32.const 0))"],
    [:wasm_bulk_memory, { wasm_reference_types: false, wasm_function_references: false, wasm_gc: false, wasm_exceptions: false },
     "(module (memory 1) (func i32.const 0 i32.const 0 i32.const 0 memory.fill))"],
    [:wasm_reference_types, { wasm_function_references: false, wasm_gc: false, wasm_exceptions: false }, "(module (func (param externref)))"],
    [:wasm_function_references, { wasm_gc: false, wasm_exceptions: false }, "(module (func (param (ref func))))"],
    [:wasm_gc, {}, "(module (type (struct (field i32))))"],
    [:wasm_gc, {}, "(module (func (param anyref)))"],
    [:wasm_gc, {}, "(module (rec (type (func)) (type (func))))"],
    [:gc_support, { wasm_gc: false, wasm_function_references: false }, "(module (func (param externref)))"],
    [:wasm_bulk_memory, {}, '(module (data "a"))'],
    [:wasm_reference_types, { wasm_function_references: false, wasm_gc: false, wasm_exceptions: false },
     "(module (table 1 funcref) (table 1 funcref))"],
    [:wasm_custom_page_sizes, {}, "(module (memory 1 (pagesize 1)))"],
    [:wasm_wide_arithmetic, {},
     "(module (func (param i64 i64 i64 i64) (result i64 i64) local.get 0 local.get 1 local.get 2 local.get 3 i64.add128))"],
    [:wasm_stack_switching, {}, "(module (type $f (func)) (type (cont $f)))"]
  ]

  features.each do |option, others, wat|
    it "names #{option} for #{wat[8, 40]}" do
      engine = Wasmtime::Engine.new(option => false, **others)
      ending = /\(turn it on with Wasmtime::Engine\.new\(#{option}: true\)\)\z/
      expect { Wasmtime::Module.new(engine, wat) }.to raise_error(an_instance_of(Wasmtime::CompileError).and(have_attributes(message: ending)))
    end

    it "names #{option} for #{wat[8, 40]} when it is validated" do
      engine = Wasmtime::Engine.new(option => false, **others)
      expect { Wasmtime::Module.validate(engine, wat) }.to raise_error(Wasmtime::CompileError, /Wasmtime::Engine\.new\(#{option}: true\)/)
    end
  end

  it "says it of components, in text and in binary" do
    hint = /\(this is a component: use Wasmtime::Component::Component\)\z/
    expect { Wasmtime::Module.new("(component)") }.to raise_error(Wasmtime::CompileError, hint)
    expect { Wasmtime::Module.new(" ;; a comment\n\t(component (core module))") }.to raise_error(Wasmtime::CompileError, hint)
    expect { Wasmtime::Module.new("\0asm\x0d\0\x01\0".b) }.to raise_error(Wasmtime::CompileError, hint)
    expect { Wasmtime::Module.validate("(component)") }.to raise_error(Wasmtime::CompileError, hint)
  end

  it "gives no hint where none helps" do
    ["(module (func try catch_all end))", "(module (table shared 1 (ref null (shared func))))",
     "(module (func $SIMD_support_required (result i32)))", "(module (func (result i32)))", "(module (func i32.cons))",
     "\0asm\x01\0\0\0\xff\xff"].each do |source|
      expect { Wasmtime::Module.new(source) }.to raise_error(Wasmtime::CompileError) { |e| expect(e.message).not_to match(/turn it on|component/) }
    end
  end

  it "leaves no cause behind: the message holds it all" do
    expect { Wasmtime::Module.new("(component)") }.to raise_error(Wasmtime::CompileError) { |e| expect(e.cause).to be_nil }
  end

  it "is not public" do
    expect { Wasmtime::CompileHint }.to raise_error(NameError)
  end
end
