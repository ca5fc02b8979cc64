# frozen_string_literal: true

RSpec.describe Wasmtime::WASI do
  let(:engine) { Wasmtime::Engine.default }
  let(:program) { guest("start_exit.wat") }
  let(:missing) { /\AStore is missing WASI p1 configuration: the linker has WASI, so give the store one too/ }

  describe Wasmtime::WASI::P1 do
    it "adds preview 1 to a linker" do
      linker = Wasmtime::Linker.new
      expect(described_class.add_to_linker_sync(linker)).to be_nil
      store = Wasmtime::Store.new(wasi_config: wasi_config)
      expect(linker.get(store, "wasi_snapshot_preview1", "fd_write").type.to_s).to eq("(func (param i32 i32 i32 i32) (result i32))")
    end

    it "refuses a linker that has a name already, and anything that is no linker" do
      linker = Wasmtime::Linker.new
      described_class.add_to_linker_sync(linker)
      expect { described_class.add_to_linker_sync(linker) }.to raise_error(Wasmtime::Error, /defined twice/)
      expect { described_class.add_to_linker_sync(nil) }.to raise_error(TypeError, /no implicit conversion of NilClass into Wasmtime::Linker/)
    end

    it "replaces names when the linker allows shadowing" do
      linker = Wasmtime::Linker.new
      linker.func_new("wasi_snapshot_preview1", "proc_exit", [:i32], []) { raise "never" }
      linker.allow_shadowing = true
      described_class.add_to_linker_sync(linker)
      expect { linker.instantiate(Wasmtime::Store.new(wasi_config: wasi_config), program) }.to raise_error(Wasmtime::WasiExit)
    end
  end

  it "is an error before anything runs when the store has none, however the linker is used" do
    store = Wasmtime::Store.new
    linker = wasi_linker
    pre = linker.instantiate_pre(program)
    uses = [
      -> { linker.instantiate(store, program) }, -> { pre.instantiate(store) }, -> { linker.dup.instantiate(store, program) },
      -> { linker.get(store, "wasi_snapshot_preview1", "fd_write") }, -> { linker.get_default(store, "x") },
      -> { linker.dup.module(store, "x", program) },
      -> { linker.dup.define(store, "a", "b", Wasmtime::Memory.new(store, min_size: 1)) }
    ]
    uses.each { |use| expect(&use).to raise_error(Wasmtime::Error, missing) }
  end

  it "stays an error when adding it failed half-way" do
    linker = Wasmtime::Linker.new
    linker.func_new("wasi_snapshot_preview1", "fd_write", %i[i32 i32 i32 i32], [:i32]) { 0 }
    expect { described_class::P1.add_to_linker_sync(linker) }.to raise_error(Wasmtime::Error, /defined twice/)
    expect { linker.instantiate(Wasmtime::Store.new, Wasmtime::Module.new(engine, "(module)")) }.to raise_error(Wasmtime::Error, missing)
  end

  it "names the way when a linker has none" do
    store = Wasmtime::Store.new(wasi_config: wasi_config)
    advice = /missing import "wasi_snapshot_preview1" "proc_exit": expected \(func \(param i32\)\).*Wasmtime::WASI::P1\.add_to_linker_sync\(linker\)/m
    expect { Wasmtime::Linker.new.instantiate(store, program) }.to raise_error(Wasmtime::LinkError, advice)
    expect { Wasmtime::Instance.new(store, program, {}) }.to raise_error(Wasmtime::LinkError, advice)
  end

  it "lists what else is missing when the linker has it" do
    mod = Wasmtime::Module.new(engine, '(module (import "wasi_snapshot_preview1" "proc_exit" (func (param i32))) (import "env" "gone" (func)))')
    expected = raise_error(Wasmtime::LinkError, "cannot link the module:\n  missing import \"env\" \"gone\": expected (func)")
    expect { wasi_linker.instantiate_pre(mod) }.to expected
    expect { wasi_linker.instantiate(Wasmtime::Store.new(wasi_config: wasi_config), mod) }.to expected
  end
end
