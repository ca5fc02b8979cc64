# frozen_string_literal: true

RSpec.describe Wasmtime::HeapType do
  let(:engine) { Wasmtime::Engine.new(wasm_gc: true, wasm_function_references: true, wasm_exceptions: true) }
  let(:store) { Wasmtime::Store.new(engine) }
  # The types of the globals of a module, each a reference to one type.
  let(:declared) do
    mod = Wasmtime::Module.new(engine, <<~WAT)
      (module
        (type $animal (sub (struct (field i32))))
        (type $dog (sub $animal (struct (field i32) (field (mut f32)))))
        (type $puppy (sub final $dog (struct (field i32) (field (mut f32)) (field (ref null $puppy)))))
        (rec (type $even (struct (field (mut (ref null $odd))))) (type $odd (struct (field (mut (ref null $even))) (field i8))))
        (type $step (func (param i32) (result i32)))
        (global (export "animal") (ref null $animal) (ref.null $animal))
        (global (export "dog") (ref null $dog) (ref.null $dog))
        (global (export "puppy") (ref null $puppy) (ref.null $puppy))
        (global (export "even") (ref null $even) (ref.null $even))
        (global (export "odd") (ref null $odd) (ref.null $odd))
        (global (export "step") (ref null $step) (ref.null $step)))
    WAT
    mod.exports.to_h { |export| [export.name.to_sym, export.type.type.type] }
  end

  it "is the type that references of a module point to" do
    expect(declared.fetch(:step)).to be_an_instance_of(described_class)
    expect(declared.fetch(:animal)).to be_an_instance_of(Wasmtime::StructType)
    expect(declared.fetch(:step).to_s).to eq("(func (param i32) (result i32))")
    expect(declared.fetch(:step).inspect).to eq("#<Wasmtime::HeapType (func (param i32) (result i32))>")
  end

  it "knows the types it is declared below" do
    animal, dog, puppy = declared.values_at(:animal, :dog, :puppy)
    expect([animal, dog, puppy].map { |type| type.subtype_of?(animal) }).to eq([true, true, true])
    expect([animal, dog, puppy].map { |type| type.subtype_of?(puppy) }).to eq([false, false, true])
    expect(dog.subtype_of?(declared.fetch(:step))).to be(false)
    expect([:structref, nil, 1].map { |other| dog.subtype_of?(other) }).to eq([false] * 3)
  end

  it "is the same whether the reference that names it may be null or not" do
    wat = '(module (type $t (struct)) (func (export "f") (param (ref $t) (ref null $t))))'
    strict, nullable = Wasmtime::Module.new(engine, wat).exports.first.type.params.map(&:type)
    expect(strict).to eq(nullable)
  end

  it "is not the type of the same text that was declared otherwise" do
    alike = Wasmtime::StructType.new(engine, [:i32])
    expect(alike.to_s).to eq(declared.fetch(:animal).to_s)
    expect(alike).not_to eq(declared.fetch(:animal))
    expect(alike.subtype_of?(declared.fetch(:animal))).to be(false)
  end

  it "is never the type of another engine" do
    here, there = [engine, Wasmtime::Engine.new].map { |own| Wasmtime::StructType.new(own, [:i32]) }
    expect(here).not_to eq(there)
    expect([here.subtype_of?(there), there.subtype_of?(here)]).to eq([false, false])
  end

  it "comes to an end with types that contain themselves" do
    even, odd = declared.values_at(:even, :odd)
    expect(even.to_s).to eq("(struct (field (mut (ref null $struct))))")
    expect(odd.to_s).to eq("(struct (field (mut (ref null $struct))) (field i8))")
    through = odd.fields[0].type.type
    expect(through).to eq(even).and eql(even)
    expect(through.hash).to eq(even.hash)
    expect({ even => 1 }[through]).to eq(1)
    expect(even.fields).to eq(through.fields)
    expect(even.fields.hash).to eq(through.fields.hash)
    expect(even).not_to eq(odd)
    expect(declared.fetch(:puppy).fields.last.type.type).to eq(declared.fetch(:puppy))
  end

  it "comes to an end with types that contain each other a thousand deep" do
    deep = Array.new(2) { (1..1000).reduce(Wasmtime::StructType.new(engine, [:i32])) { |type, _| Wasmtime::StructType.new(engine, [type]) } }
    expect(deep[0]).to eq(deep[1])
    expect(deep[0].hash).to eq(deep[1].hash)
    expect(deep[0].to_s).to eq("(struct (field (ref null $struct)))")
  end

  it "stands for references to it that may be null wherever a type is given" do
    struct = Wasmtime::StructType.new(engine, [:i32])
    nullable = struct.to_val_type
    expect(nullable).to eq(Wasmtime::ValType.new(struct))
    expect(struct.to_val_type(nullable: false)).to eq(Wasmtime::ValType.new(struct, nullable: false))
    expect(Wasmtime::Func.new(store, [struct], [struct]) { |_, given| given }.type).to eq(Wasmtime::FuncType.new([nullable], [nullable]))
    expect(Wasmtime::Global.var(store, struct, nil).type).to eq(nullable)
    expect(Wasmtime::Table.new(store, struct, nil, min_size: 1).type).to eq(nullable)
    expect(Wasmtime::Tag.new(store, [struct]).type.params).to eq([nullable])
    expect(Wasmtime::TableType.new(struct, 1).to_s).to eq("(table 1 (ref null $struct))")
  end

  it "is refused wherever it is of another engine" do
    foreign = Wasmtime::StructType.new(Wasmtime::Engine.new, [:i32])
    [
      -> { Wasmtime::StructType.new(engine, [foreign]) }, -> { Wasmtime::ArrayType.new(engine, foreign) },
      -> { Wasmtime::ExnType.new(engine, [foreign]) }, -> { Wasmtime::StructRef.new(store, foreign, [1]) },
      -> { Wasmtime::Func.new(store, [foreign], []) {} }, -> { Wasmtime::Global.var(store, foreign, nil) },
      -> { Wasmtime::Table.new(store, foreign, nil, min_size: 1) }, -> { Wasmtime::Tag.new(store, [foreign]) },
      -> { Wasmtime::Linker.new(engine).func_new("a", "b", [], [foreign]) {} }
    ].each do |use|
      expect(&use).to raise_error(ArgumentError, "the type belongs to another engine; make it with the engine it is used with")
    end
  end

  it "is made by its subclasses and by modules only" do
    expect { described_class.new }.to raise_error(TypeError)
    expect { described_class.allocate }.to raise_error(TypeError)
    expect { declared.fetch(:step).dup }.to raise_error(TypeError)
  end

  it "is frozen, and can be shared between Ractors" do
    types = [*declared.values, Wasmtime::ArrayType.new(engine, :i8), Wasmtime::ExnType.new(engine, [:i32])]
    expect(types).to all(be_frozen)
    expect(types.map { |type| Ractor.shareable?(type) }.uniq).to eq([true])
    out = output_of(<<~RUBY)
      engine = Wasmtime::Engine.new
      type = Wasmtime::StructType.new(engine, [Wasmtime::FieldType.var(:i8), Wasmtime::ValType.new(:func, nullable: false)])
      puts Ractor.new(type) { |given| [given.to_s, given == given, given.fields.map(&:to_s)].inspect }.take
      puts Ractor.new(engine) { |own| Wasmtime::ArrayType.new(own, :i16) }.take
    RUBY
    expect(out).to eq(%(["(struct (field (mut i8)) (field (ref func)))", true, ["(mut i8)", "(ref func)"]]\n(array i16)))
  end

  it "outlives the module and the store that named it" do
    type = Thread.new { declared.fetch(:dog) }.value
    store.close
    3.times { GC.start }
    expect(type.to_s).to eq("(struct (field i32) (field (mut f32)))")
  end
end
