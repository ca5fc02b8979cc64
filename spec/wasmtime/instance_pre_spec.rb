# frozen_string_literal: true

RSpec.describe Wasmtime::InstancePre do
  let(:engine) { Wasmtime::Engine.default }
  let(:linker) { Wasmtime::Linker.new(engine) }
  let(:mod) { Wasmtime::Module.new(engine, '(module (import "env" "log" (func (param i32))) (func (export "run") (param i32) local.get 0 call 0))') }

  it "is instantiated in many stores" do
    seen = []
    linker.func_new("env", "log", [:i32], []) { |caller, n| seen << [caller.store_data, n] }
    pre = linker.instantiate_pre(mod)
    5.times { |i| Wasmtime::Store.open(engine, i.to_s) { |store| pre.instantiate(store).invoke("run", i) } }
    expect(seen).to eq([["0", 0], ["1", 1], ["2", 2], ["3", 3], ["4", 4]])
  end

  it "gives a new instance each time" do
    store = Wasmtime::Store.new(engine)
    pre = linker.instantiate_pre(Wasmtime::Module.new(engine, '(module (memory (export "m") 1))'))
    first, second = Array.new(2) { pre.instantiate(store) }
    first.export("m").write(0, "x")
    expect(second.export("m").read_u8(0)).to eq(0)
  end

  it "knows its module" do
    linker.func_new("env", "log", [:i32], []) {}
    expect(linker.instantiate_pre(mod).module).to equal(mod)
  end

  it "lives on without its linker and module" do
    seen = []
    pre = Wasmtime::Linker.new(engine).define_all("env" => { log: ->(n) { seen << n } }).instantiate_pre(mod)
    3.times { GC.start }
    pre.instantiate(Wasmtime::Store.new(engine)).invoke("run", 9)
    expect(seen).to eq([9])
  end

  it "keeps the definitions it was made with" do
    linker.allow_shadowing = true
    linker.func_new("env", "log", [:i32], []) { throw :which, 1 }
    pre = linker.instantiate_pre(mod)
    linker.func_new("env", "log", [:i32], []) { throw :which, 2 }
    expect(catch(:which) { pre.instantiate(Wasmtime::Store.new(engine)).invoke("run", 0) }).to eq(1)
  end

  it "lists what is missing when it is made" do
    expect { linker.instantiate_pre(mod) }.to raise_error(
      an_instance_of(Wasmtime::LinkError)
        .and(have_attributes(message: "cannot link the module:\n  missing import \"env\" \"log\": expected (func (param i32))"))
    )
  end

  it "stays with the store whose items it holds" do
    store = Wasmtime::Store.new(engine)
    linker.define(store, "env", "log", Wasmtime::Func.new(store, [:i32], []) {})
    pre = linker.instantiate_pre(mod)
    expect(pre.instantiate(store)).to be_a(Wasmtime::Instance)
    expect { pre.instantiate(Wasmtime::Store.new(engine)) }.to raise_error(
      an_instance_of(Wasmtime::StoreError), "the linker holds items of another store; use one Linker per Store, or define host functions only"
    )
  end

  it "refuses stores of other engines, closed ones, and what is none" do
    pre = linker.instantiate_pre(Wasmtime::Module.new(engine, "(module)"))
    expect { pre.instantiate(Wasmtime::Store.new(Wasmtime::Engine.new)) }
      .to raise_error(an_instance_of(Wasmtime::Error), "the linker and the store belong to different engines")
    expect { pre.instantiate(Wasmtime::Store.new(engine).tap(&:close)) }.to raise_error(Wasmtime::StoreClosedError, "Wasmtime::Store is closed")
    expect { pre.instantiate(nil) }.to raise_error(TypeError, "no implicit conversion of NilClass into Wasmtime::Store")
  end

  it "refuses modules of other engines" do
    expect { linker.instantiate_pre(Wasmtime::Module.new(Wasmtime::Engine.new, "(module)")) }
      .to raise_error(Wasmtime::Error, "the module and the linker belong to different engines")
  end

  it "raises the trap of a start function" do
    pre = linker.instantiate_pre(Wasmtime::Module.new(engine, "(module (func $f unreachable) (start $f))"))
    expect { pre.instantiate(Wasmtime::Store.new(engine)) }.to raise_error(Wasmtime::Trap) { |e| expect(e.code).to eq(:unreachable_code_reached) }
  end

  it "is made by Linker#instantiate_pre only" do
    expect { described_class.new }.to raise_error(NoMethodError)
    expect { described_class.allocate }.to raise_error(TypeError)
  end
end
