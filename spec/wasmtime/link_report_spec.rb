# frozen_string_literal: true

RSpec.describe "link errors" do
  it "is there in every Ractor, as are hints of the compiler and what prints WIT, although nothing is loaded in one" do
    expect(output_of(<<~'RUBY')).to eq("LinkError a b CompileError LinkError c world root {}")
      ractor = Ractor.new do
        store = Wasmtime::Store.new
        one = (Wasmtime::Instance.new(store, Wasmtime::Module.new('(module (import "a" "b" (func)))'), {}) rescue $!)
        two = (Wasmtime::Module.new("(component)") rescue $!)
        component = Wasmtime::Component::Component.new('(component (import "c" (func)))')
        three = (Wasmtime::Component::Linker.new.instantiate(store, component) rescue $!)
        [one.class, one.message[/\ba\b.*\bb\b/] ? "a b" : one.message, two.class, three.class, three.message[/\bc\b/], Wasmtime::Component::Component.new("(component)").type.to_s]
      end
      print ractor.take.map { |item| item.to_s.sub("Wasmtime::", "") }.join(" ")
    RUBY
  end

  let(:engine) { Wasmtime::Engine.default }
  let(:store) { Wasmtime::Store.new(engine) }

  # What the message says after its first line.
  def report(wat, imports)
    Wasmtime::Instance.new(store, Wasmtime::Module.new(engine, wat), imports)
    nil
  rescue Wasmtime::LinkError => e
    expect(e.message).to start_with("cannot link the module:\n")
    e.message.lines.drop(1).map(&:strip)
  end

  def memory(...)
    Wasmtime::Memory.new(store, ...)
  end

  def table(type, **sizes)
    Wasmtime::Table.new(store, type, nil, **sizes)
  end

  it "list every import, expected and given" do
    wat = '(module (import "a" "f" (func (param i32))) (import "a" "g" (func)) (import "b" "h" (global i32)))'
    func = Wasmtime::Func.new(store, [:i64], []) {}
    expect(report(wat, a: { f: func })).to eq(
      ['import "a" "f": expected (func (param i32)), given (func (param i64))', 'missing import "a" "g": expected (func)',
       'missing import "b" "h": expected (global i32)']
    )
  end

  it "leave out what fits" do
    wat = '(module (import "a" "m" (memory 1)) (import "a" "t" (table 1 funcref)) (import "a" "g" (global i32)) (import "a" "f" (func)))'
    given = { m: memory(min_size: 2), t: table(:funcref, min_size: 3), g: Wasmtime::Global.const(store, :i32, 1) }
    expect(report(wat, a: given)).to eq(['missing import "a" "f": expected (func)'])
  end

  it "say when limits do not fit" do
    expect(report('(module (import "a" "m" (memory 2)))', a: { m: memory(min_size: 1) }))
      .to eq(['import "a" "m": expected (memory 2), given (memory 1)'])
    expect(report('(module (import "a" "m" (memory 1 2)))', a: { m: memory(min_size: 1) }))
      .to eq(['import "a" "m": expected (memory 1 2), given (memory 1)'])
    expect(report('(module (import "a" "m" (memory 1 2)))', a: { m: memory(min_size: 1, max_size: 3) }))
      .to eq(['import "a" "m": expected (memory 1 2), given (memory 1 3)'])
    expect(report('(module (import "a" "t" (table 1 2 funcref)))', a: { t: table(:funcref, min_size: 1) }))
      .to eq(['import "a" "t": expected (table 1 2 funcref), given (table 1 funcref)'])
    expect(report('(module (import "a" "m" (memory i64 1)))', a: { m: memory(min_size: 1) }))
      .to eq(['import "a" "m": expected (memory i64 1), given (memory 1)'])
  end

  it "say when elements do not fit" do
    expect(report('(module (import "a" "t" (table 1 funcref)))', a: { t: table(:externref, min_size: 1) }))
      .to eq(['import "a" "t": expected (table 1 funcref), given (table 1 externref)'])
  end

  it "let a memory that has grown fit by its size now" do
    grown = memory(min_size: 1)
    grown.grow(1)
    expect(report('(module (import "a" "m" (memory 2)))', a: { m: grown })).to be_nil
  end

  it "name close names, and only close ones" do
    wat = '(module (import "environment" "allocate" (func)))'
    expect(report(wat, environment: { alocate: -> {} }))
      .to eq(['missing import "environment" "allocate": expected (func), did you mean "alocate"?'])
    expect(report(wat, enviroment: { allocate: -> {} }))
      .to eq(['missing import "environment" "allocate": expected (func), did you mean the module "enviroment"?'])
    expect(report(wat, environment: { xyz: -> {} })).to eq(['missing import "environment" "allocate": expected (func)'])
    expect(report(wat, {})).to eq(['missing import "environment" "allocate": expected (func)'])
  end

  it "are not public in how they are made" do
    expect { Wasmtime::LinkReport }.to raise_error(NameError)
  end
end
