# frozen_string_literal: true

RSpec.describe Wasmtime::Functions do
  let(:functions) { instance.functions }
  let(:instance) do
    Wasmtime::Instance.new(Wasmtime::Store.new, Wasmtime::Module.new(<<~WAT))
      (module (memory (export "memory") 1)
        (func (export "calculate") (param i32 i32) (result i32) local.get 0) (func (export "get-it") (result i32) i32.const 8)
        (func (export "class") (result i32) i32.const 9) (func (export "inspect") (result i32) i32.const 1)
        (func (export "respond_to?") (result i32) i32.const 1) (func (export "instance_eval") (result i32) i32.const 1)
        (func (export "method_missing") (result i32) i32.const 1) (func (export "__send__") (result i32) i32.const 1))
    WAT
  end

  it "calls exported functions as methods" do
    expect(functions.calculate(6, 27)).to eq(6)
    expect(functions.class).to eq(9)
  end

  it "calls any name with __send__" do
    expect(functions.__send__(:"get-it")).to eq(8)
  end

  it "is truthful in respond_to?" do
    expect(functions.respond_to?(:calculate)).to be(true)
    expect(functions.respond_to?("get-it")).to be(true)
    expect(functions.respond_to?(:calculate, true)).to be(true)
    expect(functions.respond_to?(:memory)).to be(false)
    expect(functions.respond_to?(:nope)).to be(false)
    expect(functions.respond_to?(:to_s)).to be(false)
  end

  it "lets no guest redefine Ruby's methods" do
    expect(functions.inspect).to start_with("#<Wasmtime::Functions calculate, get-it, class, inspect")
    expect(functions.respond_to?(:calculate)).to be(true)
    expect(functions.__id__).to be_an(Integer)
    expect { functions.instance_eval }.to raise_error(ArgumentError)
    expect(instance.invoke("instance_eval")).to eq(1)
  end

  it "names the functions" do
    expect(functions.__names__).to eq(%i[calculate get-it class inspect respond_to? instance_eval method_missing __send__])
  end

  it "raises NoMethodError for what is no function, from the line that called" do
    expect { functions.calculat(1) }.to raise_error(NoMethodError, "no exported function `calculat', did you mean \"calculate\"?") { |e|
      expect(e.name).to eq(:calculat)
      expect(e.backtrace.first).to match(/functions_spec\.rb/)
    }
    expect { functions.memory }.to raise_error(NoMethodError, "no exported function `memory'")
    expect { functions.x = 1 }.to raise_error(NoMethodError, "no exported function `x='")
  end

  it "takes arguments as Func#call, and no block" do
    expect { functions.calculate(1) }.to raise_error(ArgumentError, "wrong number of arguments (given 1, expected 2)")
    expect { functions.calculate(1, "2") }.to raise_error(TypeError, /\(param at index 1\)\z/)
    expect { functions.calculate(1, 2, a: 1) }
      .to raise_error(ArgumentError, "unknown keyword: :a (to pass a Hash as a value, write it in braces)")
    expect { functions.calculate(1, 2) {} }.to raise_error(ArgumentError, "the wasm function calculate takes no block")
  end

  it "passes what the guest raises" do
    trapping = Wasmtime::Instance.new(Wasmtime::Store.new, Wasmtime::Module.new('(module (func (export "f") unreachable))'))
    expect { trapping.functions.f }.to raise_error(Wasmtime::Trap)
  end

  it "is no Object" do
    expect(described_class.superclass).to equal(BasicObject)
    expect(described_class === functions).to be(true)
  end
end
