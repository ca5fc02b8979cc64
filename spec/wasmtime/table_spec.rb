# frozen_string_literal: true

RSpec.describe Wasmtime::Table do
  let(:engine) { Wasmtime::Engine.default }
  let(:store) { Wasmtime::Store.new(engine) }
  let(:five) { Wasmtime::Func.new(store, [], [:i32]) { 5 } }
  let(:table) { described_class.new(store, :funcref, five, min_size: 2, max_size: 5) }
  let(:other) { Wasmtime::Func.new(Wasmtime::Store.new(engine), [], []) {} }

  describe ".new" do
    it "fills the table with the initial value" do
      expect(table).to have_attributes(type: :funcref, min_size: 2, max_size: 5, size: 2, table64?: false)
      expect(table.map(&:call)).to eq([5, 5])
      expect(table.store).to equal(store)
    end

    it "takes nil for the maximum and for the elements" do
      empty = described_class.new(store, :externref, nil, min_size: 1, max_size: nil)
      expect([empty.max_size, empty.to_a]).to eq([nil, [nil]])
    end

    it "takes ValType objects" do
      expect(described_class.new(store, Wasmtime::ValType.new(:func), nil, min_size: 1).type).to eq(:funcref)
      strict = Wasmtime::ValType.new(:func, nullable: false)
      expect(described_class.new(store, strict, five, min_size: 1).type).to eq(strict)
      expect { described_class.new(store, strict, nil, min_size: 1) }.to raise_error(TypeError, "nil given for a non-null function reference")
    end

    it "refuses types that are no references" do
      expect { described_class.new(store, :i32, 1, min_size: 1) }
        .to raise_error(an_instance_of(Wasmtime::Error), "a table holds references, not numbers")
      expect { described_class.new(store, :x, nil, min_size: 1) }.to raise_error(ArgumentError, /\Ainvalid WebAssembly type, .* got :x\z/)
      expect { described_class.new(store, "funcref", nil, min_size: 1) }.to raise_error(TypeError, "no implicit conversion of String into Symbol")
    end

    it "refuses values of another type or store" do
      expect { described_class.new(store, :funcref, 1, min_size: 1) }
        .to raise_error(TypeError, "no implicit conversion of Integer into Wasmtime::Func")
      expect { described_class.new(store, :funcref, other, min_size: 1) }
        .to raise_error(Wasmtime::Error, "argument type mismatch: the function belongs to another store")
    end

    it "refuses bad sizes" do
      expect { described_class.new(store, :funcref, nil) }.to raise_error(ArgumentError, "missing keyword: :min_size")
      expect { described_class.new(store, :funcref, nil, min_size: 2, max_size: 1) }
        .to raise_error(ArgumentError, "max_size is smaller than min_size")
      expect { described_class.new(store, :funcref, nil, min_size: -1) }.to raise_error(RangeError, "min_size is negative: -1")
      expect { described_class.new(store, :funcref, nil, min_size: 2**32) }.to raise_error(RangeError, /\Amin_size is too big: 4294967296/)
      expect { described_class.new(store, :funcref, nil, min_size: 0, max_size: 2**32) }.to raise_error(RangeError, /\Amax_size is too big: /)
      expect { described_class.new(store, :funcref, nil, min_size: nil) }.to raise_error(TypeError, "no implicit conversion of nil into Integer")
      expect { described_class.new(nil, :funcref, nil, min_size: 1) }
        .to raise_error(TypeError, "no implicit conversion of NilClass into Wasmtime::Store")
    end

    it "makes objects that cannot be copied" do
      expect { table.dup }.to raise_error(TypeError)
      expect { described_class.allocate }.to raise_error(TypeError)
    end
  end

  describe "#get and #[]" do
    it "give the element, nil for null and past the end" do
      table.set(1, nil)
      expect(table.get(0)).to eq(five)
      expect(table[0].call).to eq(5)
      expect([1, 2, 2**32, (2**64) - 1].map { |index| table[index] }).to eq([nil] * 4)
    end

    it "refuse what is no index" do
      expect { table.get(-1) }.to raise_error(RangeError, "index is negative: -1")
      expect { table[2**64] }.to raise_error(RangeError, "index is too big: 18446744073709551616")
      expect { table[nil] }.to raise_error(TypeError, "no implicit conversion of nil into Integer")
      expect { table["0"] }.to raise_error(TypeError, "no implicit conversion of String into Integer")
    end

    it "give the same Ruby object for externrefs" do
      object = Object.new
      externs = described_class.new(store, :externref, object, min_size: 1)
      expect(externs[0]).to equal(object)
      array = [1, 2]
      externs.set(0, array)
      expect(externs[0]).to equal(array)
    end
  end

  describe "#set and #[]=" do
    it "replace an element" do
      expect(table.set(0, nil)).to be_nil
      expect(table[0]).to be_nil
      table[0] = five
      expect(table[0]).to eq(five)
    end

    it "are refused past the end" do
      { 2 => 2, 2**32 => 4_294_967_296, (2**64) - 1 => 18_446_744_073_709_551_615 }.each do |index, shown|
        message = "table element index out of bounds: #{shown} (the table has 2 elements)"
        expect { table.set(index, nil) }.to raise_error(an_instance_of(Wasmtime::Error), message)
        expect { table[index] = nil }.to raise_error(an_instance_of(Wasmtime::Error), message)
      end
      expect { table.set(-1, nil) }.to raise_error(RangeError, "index is negative: -1")
      expect { table.set(nil, nil) }.to raise_error(TypeError, "no implicit conversion of nil into Integer")
    end

    it "refuse values of another type or store" do
      expect { table.set(0, 1) }.to raise_error(TypeError, "no implicit conversion of Integer into Wasmtime::Func")
      expect { table.set(0, other) }.to raise_error(Wasmtime::Error, "argument type mismatch: the function belongs to another store")
      expect(table[0]).to eq(five)
    end

    it "are seen by the guest" do
      guest = Wasmtime::Instance.new(store, Wasmtime::Module.new(engine, <<~WAT))
        (module (table (export "t") 1 funcref) (func (export "run") (result i32) i32.const 0 call_indirect (result i32)))
      WAT
      guest.export("t")[0] = five
      expect(guest.invoke("run")).to eq(5)
    end
  end

  describe "#grow" do
    it "adds elements and gives the size before" do
      expect([table.grow(1), table.grow(1, five), table.grow(0)]).to eq([2, 3, 4])
      expect(table.to_a).to eq([five, five, nil, five])
    end

    it "is refused past the maximum" do
      expect { table.grow(4) }.to raise_error(an_instance_of(Wasmtime::Error), "failed to grow table by `4`")
      expect { table.grow((2**64) - 1) }.to raise_error(an_instance_of(Wasmtime::Error), "failed to grow table by `18446744073709551615`")
      expect(table.size).to eq(2)
    end

    it "refuses what is no number and no element" do
      expect { table.grow(-1) }.to raise_error(RangeError, "delta is negative: -1")
      expect { table.grow(2**64) }.to raise_error(RangeError, "delta is too big: 18446744073709551616")
      expect { table.grow(nil) }.to raise_error(TypeError, "no implicit conversion of nil into Integer")
      expect { table.grow(1, 3) }.to raise_error(TypeError, "no implicit conversion of Integer into Wasmtime::Func")
    end
  end

  describe "Enumerable" do
    it "goes through the elements in order" do
      externs = described_class.new(store, :externref, nil, min_size: 3)
      3.times { |i| externs[i] = i * 10 }
      expect(externs.to_a).to eq([0, 10, 20])
      expect([externs.first, externs.include?(10), externs.count, externs.sum]).to eq([0, true, 3, 30])
      expect(externs.each {}).to equal(externs)
      expect(externs.each).to be_an(Enumerator)
      expect(externs.each.size).to eq(3)
    end

    it "notices what is added meanwhile" do
      externs = described_class.new(store, :externref, 0, min_size: 1)
      seen = externs.each { |n| externs.grow(1, n + 1) if n < 3 }.to_a
      expect(seen).to eq([0, 1, 2, 3])
    end
  end

  it "tells 64-bit indexes" do
    wide = Wasmtime::Instance.new(store, Wasmtime::Module.new(engine, '(module (table (export "t") i64 1 funcref))')).export("t")
    expect(wide).to be_table64
    expect([wide.get(2**40), wide.grow(1), wide.size]).to eq([nil, 1, 2])
  end

  it "reaches every element of a table with 64-bit indexes that a guest shares" do
    guest = Wasmtime::Instance.new(store, Wasmtime::Module.new(engine, <<~WAT))
      (module (table (export "t") i64 3 anyref) (func (export "get") (param i64) (result anyref) (table.get (local.get 0))))
    WAT
    wide = guest.export("t")
    wide[2] = 5
    expect([wide.grow(1, -7), wide.to_a, guest.invoke("get", 2), guest.invoke("get", 3)]).to eq([3, [nil, nil, 5, -7], 5, -7])
    expect { wide[2**40] = 5 }
      .to raise_error(an_instance_of(Wasmtime::Error), "table element index out of bounds: 1099511627776 (the table has 4 elements)")
  end

  describe "of references to the guest's heap" do
    let(:type) { Wasmtime::StructType.new(engine, [:i32]) }
    let(:struct) { Wasmtime::StructRef.new(store, type, [1]) }
    let(:array) { Wasmtime::ArrayRef.new(store, Wasmtime::ArrayType.new(engine, :i8), []) }
    let(:internal) { Wasmtime::AnyRef.from_extern(store, :x) }
    let(:exn) { Wasmtime::ExnRef.new(store, Wasmtime::Tag.new(store), []) }
    # What each type takes beside nil.
    let(:taken) do
      { anyref: [5, struct, array, internal], eqref: [5, struct, array], i31ref: [5], structref: [struct], arrayref: [array], exnref: [exn],
        funcref: [five], nullref: [], nullfuncref: [], nullexternref: [], nullexnref: [], type => [struct] }
    end

    it "takes what its type says, made by Ruby" do
      taken.each do |element, values|
        kept = described_class.new(store, element, nil, min_size: 1)
        [*values, nil].each do |value|
          kept[0] = value
          expect(kept[0]).to eq(value)
        end
        others = [5, struct, array, internal, exn, five] - values
        others.each { |value| expect { kept[0] = value }.to raise_error(TypeError, /no implicit conversion/) }
      end
    end

    it "takes what its type says, made by a guest" do
      wat = taken.keys.grep(Symbol).map { |element| %((table (export "#{element}") 1 4 #{element})) }.join
      guest = Wasmtime::Instance.new(store, Wasmtime::Module.new(engine, "(module #{wat})"))
      taken.except(type).each do |element, values|
        kept = guest.export(element.name)
        expect([kept.type, kept.grow(1), kept.grow(1, values.first), kept.to_a]).to eq([element, 1, 2, [nil, nil, values.first]])
      end
    end

    it "refuses structs of another type and references of another store" do
      kept = described_class.new(store, type, struct, min_size: 1)
      expect { kept[0] = Wasmtime::StructRef.new(store, Wasmtime::StructType.new(engine, [:f64]), [1]) }
        .to raise_error(an_instance_of(Wasmtime::Error), /type mismatch/)
      expect { kept[0] = Wasmtime::StructRef.new(Wasmtime::Store.new(engine), type, [1]) }
        .to raise_error(an_instance_of(Wasmtime::Error), "argument type mismatch: the reference belongs to another store")
      expect(kept.to_a).to eq([struct])
    end

    it "keeps what only it holds" do
      kept = described_class.new(store, :anyref, nil, min_size: 1)
      Thread.new { kept[0] = Wasmtime::StructRef.new(store, type, [42]) }.join
      5.times do
        GC.start
        store.gc
      end
      expect(kept[0][0]).to eq(42)
    end
  end

  it "shows its size and type" do
    expect(table.inspect).to eq("#<Wasmtime::Table 2 funcref>")
  end

  describe "with a closed store" do
    before { table && store.close }

    { type: [], min_size: [], max_size: [], size: [], get: [0], set: [0, nil], :[] => [0], :[]= => [0, nil], grow: [1], to_a: [], first: [],
      table64?: [] }.each do |name, args|
      it "raises for #{name}" do
        expect { table.public_send(name, *args) }.to raise_error(an_instance_of(Wasmtime::StoreClosedError), "Wasmtime::Store is closed")
      end
    end

    it "still has a store and an inspect" do
      expect(table.store).to equal(store)
      expect(table.inspect).to eq("#<Wasmtime::Table (store closed)>")
    end
  end
end
