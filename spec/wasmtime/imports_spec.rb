# frozen_string_literal: true

RSpec.describe "imports" do
  let(:engine) { Wasmtime::Engine.default }
  let(:store) { Wasmtime::Store.new(engine) }
  let(:adding) do
    '(module (import "env" "add" (func (param i32 i32) (result i32))) (func (export "run") (result i32) i32.const 3 i32.const 4 call 0))'
  end

  def instance(wat, imports)
    Wasmtime::Instance.new(store, Wasmtime::Module.new(engine, wat), imports)
  end

  def run(imports)
    instance(adding, imports).invoke("run")
  end

  it "are callables of any kind" do
    expect(run("env" => { "add" => ->(a, b) { a + b } })).to eq(7)
    expect(run("env" => { "add" => proc { |a, b| a * b } })).to eq(12)
    expect(run("env" => { "add" => 5.method(:clamp) })).to eq(4)
    expect(run("env" => { "add" => Class.new { def call(a, b) = a - b }.new })).to eq(-1)
    expect(run("env" => { "add" => :+.to_proc })).to eq(7)
  end

  it "are named by Strings or Symbols" do
    add = ->(a, b) { a + b }
    [{ env: { add: add } }, { "env" => { add: add } }, { env: { "add" => add } }].each { |imports| expect(run(imports)).to eq(7) }
  end

  it "are functions of the module's type: what a block returns is checked" do
    expect { run(env: { add: ->(_a, _b) { "x" } }) }
      .to raise_error(Wasmtime::ResultError, /\Ainvalid result at index 0: no implicit conversion of String into Integer in #<Proc/)
    expect { run(env: { add: -> {} }) }.to raise_error(ArgumentError, "wrong number of arguments (given 2, expected 0)")
  end

  it "get the Caller only by a keyword of that name" do
    seen = []
    run(env: { add: ->(a, b, caller:) { (seen << caller.class) && (a + b) } })
    run(env: { add: ->(a, b, **options) { (seen << options) && (a + b) } })
    run(env: { add: ->(*args) { (seen << args) && 0 } })
    host = Class.new { def add(first, second, caller:) = caller.store && (first + second) }.new
    expect(run(env: host)).to eq(7)
    expect(seen).to eq([Wasmtime::Caller, {}, [3, 4]])
  end

  it "take any number of arguments with the keyword" do
    wat = "(module (import \"e\" \"f\" (func (param #{'i32 ' * 20}) (result i32))) (func (export \"run\") (result i32) " \
          "#{(1..20).map { |n| "i32.const #{n}" }.join(' ')} call 0))"
    expect(instance(wat, e: { f: ->(*args, caller:) { caller.valid? ? args.sum : 0 } }).invoke("run")).to eq(210)
    expect(instance(wat, e: { f: ->(*args) { args.sum } }).invoke("run")).to eq(210)
  end

  it "may be of types without a name outside, such as a module's own function types" do
    wat = <<~WAT
      (module (type $t (func (result i32))) (import "e" "f" (func (param (ref null $t)) (result i32)))
        (func $five (result i32) i32.const 5) (elem declare func $five) (func (export "run") (result i32) ref.func $five call 0))
    WAT
    expect(instance(wat, e: { f: ->(func) { func.call + 1 } }).invoke("run")).to eq(6)
  end

  it "are Func objects as they are" do
    add = Wasmtime::Func.new(store, %i[i32 i32], [:i32]) { |_caller, a, b| a + b }
    expect(run(env: { add: add })).to eq(7)
  end

  it "may be more than the module asks for" do
    expect(run(env: { add: ->(a, b) { a + b }, other: -> {} }, more: { x: 1 })).to eq(7)
  end

  it "may be a host object with methods of its own, its modules and its superclasses" do
    base = Class.new { def add(first, second) = first + second }
    expect(run(env: Class.new(base).new)).to eq(7)
    expect(run(env: Module.new { def self.add(first, second) = first - second })).to eq(-1)
    singleton = Object.new
    def singleton.add(first, second) = first * second
    expect(run(env: singleton)).to eq(12)
  end

  it "are not public" do
    expect { Wasmtime::Imports }.to raise_error(NameError)
  end
end
