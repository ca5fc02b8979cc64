# frozen_string_literal: true

RSpec.describe "the exceptions" do
  include Subprocess

  tree = {
    Error: StandardError, CompileError: :Error, LinkError: :Error, ConversionError: :Error, ResultError: :Error, WasiExit: :Error, Trap: :Error,
    TimeoutError: :Trap, OutOfFuelError: :Trap, MemoryLimitError: :Trap, WasmException: :Error, StoreError: :Error,
    StoreBusyError: :StoreError, StoreClosedError: :StoreError, ForkedStoreError: :StoreError, PoolExhaustedError: :Error
  }

  tree.each do |name, parent|
    it "has Wasmtime::#{name} under #{parent}" do
      expected = parent.is_a?(Symbol) ? Wasmtime.const_get(parent) : parent
      expect(Wasmtime.const_get(name).superclass).to equal(expected)
    end
  end

  it "are caught by a bare rescue" do
    expect(tree.keys.map { |name| Wasmtime.const_get(name) }).to all(be < StandardError)
  end

  it "are the same classes native code raises" do
    expect { Wasmtime::Engine.new(max_wasm_stack: 0) }.to raise_error(an_instance_of(Wasmtime::Error))
    expect { Wasmtime::Engine.new.precompile_module("(module") }.to raise_error(an_instance_of(Wasmtime::CompileError))
  end

  it "are no end of the process when making one is cut short by a throw, as a Timeout may do it" do
    out = output_of(<<~'RUBY')
      func = Wasmtime::Func.new(Wasmtime::Store.new, [:i32], []) {}
      store = Wasmtime::Store.new.tap(&:close)
      [TypeError, RangeError, Wasmtime::StoreClosedError].each { |made| made.prepend(Module.new { def initialize(*) = throw(:out, self.class) }) }
      p catch(:out) { func.call("x") }, catch(:out) { func.call(2**40) }, catch(:out) { store.gc }
      # Conversions of arguments that are not ours.
      p catch(:out) { Wasmtime::Linker.new.get_default(1, "x") }, catch(:out) { Wasmtime::Linker.new.instance(store, "x", 1) }
    RUBY
    expect(out.lines.map(&:chomp)).to eq(%w[TypeError RangeError Wasmtime::StoreClosedError TypeError TypeError])
  end
end
