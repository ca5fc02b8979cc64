# frozen_string_literal: true

RSpec.describe Wasmtime::Reference do
  let(:engine) { Wasmtime::Engine.new(wasm_gc: true, wasm_function_references: true, wasm_exceptions: true) }
  let(:store) { Wasmtime::Store.new(engine) }
  let(:guest) do
    Wasmtime::Instance.new(store, Wasmtime::Module.new(engine, <<~WAT))
      (module
        (type $animal (sub (struct (field (mut i32)))))
        (type $dog (sub $animal (struct (field (mut i32)) (field anyref))))
        (global $kept (mut anyref) (ref.null any))
        (func (export "animal") (result (ref $animal)) (struct.new $animal (i32.const 1)))
        (func (export "dog") (result (ref $dog)) (struct.new $dog (i32.const 1) (struct.new $animal (i32.const 2))))
        (func (export "legs") (param (ref $animal)) (result i32) (struct.get $animal 0 (local.get 0)))
        (func (export "only_dog") (param (ref $dog)))
        (func (export "keep") (param anyref) (global.set $kept (local.get 0)))
        (func (export "kept") (result anyref) (global.get $kept))
        (func (export "litter") (param i32)
          (loop $more (drop (struct.new $animal (local.get 0))) (br_if $more (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))
    WAT
  end
  let(:animal) { guest.invoke("animal") }
  let(:dog) { guest.invoke("dog") }
  let(:references) do
    struct = Wasmtime::StructType.new(engine, [])
    { struct: Wasmtime::StructRef.new(store, struct, []), array: Wasmtime::ArrayRef.new(store, Wasmtime::ArrayType.new(engine, :i8), []),
      internal: Wasmtime::AnyRef.from_extern(store, :x), external: Wasmtime::StructRef.new(store, struct, []).to_extern,
      exn: Wasmtime::ExnRef.new(store, Wasmtime::Tag.new(store), []) }
  end

  it "has a store, and the type of what it points to" do
    expect(references.values.map(&:store)).to all(equal(store))
    expect(references.transform_values { |reference| reference.type&.to_s })
      .to eq(struct: "(struct)", array: "(array i8)", internal: nil, external: nil, exn: "(exn)")
    expect(dog.type).to eq(guest.invoke("dog").type)
    expect(dog.type.subtype_of?(animal.type)).to be(true)
  end

  it "is equal to another that points to the same object" do
    guest.invoke("keep", animal)
    again = guest.invoke("kept")
    expect(again).to eq(animal)
    expect(again).not_to equal(animal)
    expect(guest.invoke("animal")).not_to eq(animal)
    expect([animal == 1, animal.nil?, animal == dog]).to eq([false, false, false])
    expect({ animal => 1 }[again]).to be_nil
    references.each_value { |reference| expect(references.values.count(reference)).to eq(1) }
  end

  it "is never equal to one of another store" do
    type = Wasmtime::StructType.new(engine, [])
    one, other = [store, Wasmtime::Store.new(engine)].map { |own| Wasmtime::StructRef.new(own, type, []) }
    expect(one).not_to eq(other)
  end

  describe "#matches?" do
    it "knows the abstract types" do
      kinds = %i[any eq i31 struct array extern func exn none noextern]
      found = references.transform_values { |reference| kinds.select { |kind| reference.matches?(kind) } }
      expect(found).to eq(struct: %i[any eq struct], array: %i[any eq array], internal: %i[any], external: %i[extern], exn: %i[exn])
      expect(references[:struct].matches?(:structref)).to be(true)
    end

    it "knows the types that are declared" do
      expect([dog.matches?(animal.type), dog.matches?(dog.type), animal.matches?(dog.type)]).to eq([true, true, false])
      expect(dog.matches?(animal.type.to_val_type(nullable: false))).to be(true)
      expect(dog.matches?(Wasmtime::ValType.new(:eq, nullable: false))).to be(true)
      expect(references[:internal].matches?(animal.type)).to be(false)
      expect(references[:exn].matches?(Wasmtime::ExnType.new(engine, []))).to be(true)
    end

    it "refuses what is no reference type" do
      expect { dog.matches?(:dog) }.to raise_error(ArgumentError, /\Ainvalid WebAssembly type, .* got :dog\z/)
      expect { dog.matches?(:i32) }.to raise_error(ArgumentError, "expected a reference type, got i32")
      expect { dog.matches?(Wasmtime::ValType.new(:v128)) }.to raise_error(ArgumentError, "expected a reference type, got v128")
      expect { dog.matches?("eq") }.to raise_error(TypeError, "no implicit conversion of String into Symbol")
    end
  end

  it "is cast to what it is only" do
    expect(dog.cast(animal.type)).to equal(dog)
    expect(dog.cast(:structref)).to equal(dog)
    expect { animal.cast(dog.type) }.to raise_error(
      Wasmtime::ConversionError, "cannot cast #<Wasmtime::StructRef (struct (field (mut i32)))> to (struct (field (mut i32)) (field anyref))"
    )
    expect { animal.cast(:arrayref) }
      .to raise_error(Wasmtime::ConversionError, "cannot cast #<Wasmtime::StructRef (struct (field (mut i32)))> to :arrayref")
  end

  it "passes where a type above its own is asked for" do
    expect(guest.invoke("legs", dog)).to eq(1)
    expect { guest.invoke("only_dog", animal) }.to raise_error(an_instance_of(Wasmtime::Error), /\Aargument type mismatch: /)
  end

  it "shows its class and type" do
    expect(references.transform_values(&:inspect)).to eq(
      struct: "#<Wasmtime::StructRef (struct)>", array: "#<Wasmtime::ArrayRef (array i8)>", internal: "#<Wasmtime::AnyRef>",
      external: "#<Wasmtime::ExternRef>", exn: "#<Wasmtime::ExnRef (exn)>"
    )
  end

  it "keeps what it points to when the guest has let it go and its collector runs" do
    guest.invoke("keep", dog)
    guest.invoke("keep", nil)
    inner = dog[1]
    20.times do
      guest.invoke("litter", 1000)
      GC.start
      store.gc
    end
    expect([dog[0], dog[1][0], inner[0], dog[1] == inner]).to eq([1, 2, 2, true])
  end

  it "keeps the store while it is the last that is held" do
    kept = Thread.new { Wasmtime::StructRef.new(Wasmtime::Store.new(engine), Wasmtime::StructType.new(engine, [:i32]), [42]) }.value
    3.times { GC.start }
    expect([kept[0], kept.store.class]).to eq([42, Wasmtime::Store])
  end

  it "lets go of what nobody holds: many objects made by Ruby and by the guest leave the process as it was" do
    out = output_of(<<~'RUBY', timeout: 60)
      engine = Wasmtime::Engine.new(wasm_gc: true)
      store = Wasmtime::Store.new(engine)
      guest = Wasmtime::Instance.new(store, Wasmtime::Module.new(engine, <<~WAT))
        (module (type $p (struct (field i32) (field anyref)))
          (func (export "make") (result (ref $p)) (struct.new $p (i32.const 1) (ref.null any)))
          (func (export "litter") (param i32)
            (loop $more (drop (struct.new $p (i32.const 1) (ref.null any))) (br_if $more (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))
      WAT
      type = Wasmtime::StructType.new(engine, [:i32, :anyref])
      rss = -> { File.read("/proc/self/statm").split[1].to_i * 4096 / 1024.0 / 1024 }
      step = lambda do
        100_000.times { Wasmtime::StructRef.new(store, type, [1, nil]) }
        100_000.times { guest.invoke("make") }
        guest.invoke("litter", 100_000)
        GC.start
      end
      step.call
      grown = Array.new(3) { rss.call.then { |before| step.call && nil || rss.call - before } }.min
      puts grown < 10 ? "flat" : "grew by #{grown.round(1)} MiB"
    RUBY
    expect(out).to eq("flat")
  end

  it "belongs to one Ractor" do
    expect(references.values.map { |reference| Ractor.shareable?(reference) }.uniq).to eq([false])
  end

  it "is made by guests and its subclasses only" do
    [described_class, Wasmtime::AnyRef, Wasmtime::EqRef, Wasmtime::ExternRef].each do |kind|
      expect { kind.new }.to raise_error(TypeError)
      expect { kind.allocate }.to raise_error(TypeError)
    end
  end

  describe "with a closed store" do
    before { references && store.close }

    { type: [], :== => [1], matches?: [:any], cast: [:any] }.each do |name, args|
      it "raises for #{name}" do
        references.each_value do |reference|
          args = [reference] if name == :==
          expect { reference.public_send(name, *args) }
            .to raise_error(an_instance_of(Wasmtime::StoreClosedError), "Wasmtime::Store is closed")
        end
      end
    end

    { struct: { size: [], to_a: [], to_extern: [] }, array: { size: [], to_a: [], :[] => [0], :[]= => [0, 1] }, exn: { payload: [], tag: [] },
      internal: { to_extern: [] }, external: { to_any: [] } }.each do |key, methods|
      it "raises for #{methods.keys.join(', ')} of #{key}" do
        methods.each do |name, args|
          expect { references.fetch(key).public_send(name, *args) }.to raise_error(an_instance_of(Wasmtime::StoreClosedError))
        end
      end
    end

    it "still has a store, a hash and an inspect" do
      expect(references.values.map(&:store)).to all(equal(store))
      expect(references[:struct].inspect).to eq("#<Wasmtime::StructRef (StoreClosedError)>")
      expect({ references[:struct] => 1 }).to include(references[:struct] => 1)
    end
  end
end
