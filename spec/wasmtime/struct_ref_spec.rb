# frozen_string_literal: true

RSpec.describe Wasmtime::StructRef do
  let(:engine) { Wasmtime::Engine.default }
  let(:store) { Wasmtime::Store.new(engine) }
  let(:type) { Wasmtime::StructType.new(engine, [var(:i8), var(:i16), :i64, var(:externref), var(:v128), var(:anyref), var(:funcref)]) }
  let(:vector) { Wasmtime::V128.i64x2(1, 2) }
  let(:struct) { described_class.new(store, type, [1, 2, 3, :object, vector, nil, nil]) }
  let(:guest) do
    Wasmtime::Instance.new(store, Wasmtime::Module.new(engine, <<~WAT))
      (module
        (type $point (struct (field (mut i32)) (field (mut i8)) (field f64)))
        (func (export "make") (param i32 i32 f64) (result (ref $point)) (struct.new $point (local.get 0) (local.get 1) (local.get 2)))
        (func (export "x") (param (ref null $point)) (result i32) (struct.get $point 0 (local.get 0)))
        (func (export "signed") (param (ref $point)) (result i32) (struct.get_s $point 1 (local.get 0)))
        (func (export "move") (param (ref $point)) (struct.set $point 0 (local.get 0) (i32.const 99))))
    WAT
  end
  let(:point) { guest.invoke("make", 7, 8, 2.5) }
  let(:point_type) { Wasmtime::StructType.new(engine, [var(:i32), var(:i8), :f64]) }

  def var(type)
    Wasmtime::FieldType.var(type)
  end

  describe ".new" do
    it "makes a struct of one value for each field" do
      expect(struct.to_a).to eq([1, 2, 3, :object, vector, nil, nil])
      expect(struct).to have_attributes(size: 7, type: type)
      expect(struct.store).to equal(store)
      expect(described_class.new(store, Wasmtime::StructType.new(engine, []), [])).to have_attributes(size: 0, to_a: [])
    end

    it "makes what a guest takes as its own" do
      made = described_class.new(store, point_type, [1, -1, 0.5])
      expect([guest.invoke("x", made), guest.invoke("signed", made)]).to eq([1, -1])
    end

    it "refuses other numbers of values" do
      expect { described_class.new(store, point_type, [1]) }.to raise_error(ArgumentError, "wrong number of values (given 1, expected 3)")
      expect { described_class.new(store, point_type, 1) }.to raise_error(TypeError, "no implicit conversion of Integer into Array")
    end

    it "refuses values that do not fit, and names the place" do
      expect { described_class.new(store, point_type, [1, "2", 3]) }
        .to raise_error(TypeError, "no implicit conversion of String into Integer (value at index 1)")
      expect { described_class.new(store, point_type, [2**32, 2, 3]) }
        .to raise_error(RangeError, "integer 4294967296 out of range for i32 (expected -2**31..2**32-1) (value at index 0)")
    end

    it "refuses what is no such type, and types of another engine" do
      expect { described_class.new(store, :structref, []) }.to raise_error(TypeError, "no implicit conversion of Symbol into Wasmtime::StructType")
      expect { described_class.new(store, Wasmtime::ArrayType.new(engine, :i8), []) }
        .to raise_error(TypeError, "no implicit conversion of Wasmtime::ArrayType into Wasmtime::StructType")
      expect { described_class.new(store, Wasmtime::StructType.new(Wasmtime::Engine.new, [:i32]), [1]) }
        .to raise_error(ArgumentError, "the type belongs to another engine; make it with the engine it is used with")
    end

    it "refuses references of another store" do
      foreign = described_class.new(Wasmtime::Store.new(engine), point_type, [1, 2, 3])
      holder = Wasmtime::StructType.new(engine, [:anyref])
      expect { described_class.new(store, holder, [foreign]) }.to raise_error(
        an_instance_of(Wasmtime::Error), "argument type mismatch: the reference belongs to another store (value at index 0)"
      )
    end

    it "holds on to its values while code of theirs changes the Array" do
      out = output_of(<<~RUBY)
        engine = Wasmtime::Engine.default
        store = Wasmtime::Store.new(engine)
        number, holder = [[:i64], %i[anyref i32]].map { |fields| Wasmtime::StructType.new(engine, fields) }
        found = Array.new(20) do
          values = []
          evil = Object.new
          evil.define_singleton_method(:to_int) do
            values.clear
            GC.start
            200.times { |n| Wasmtime::StructRef.new(store, number, [n]) }
            store.gc
            1
          end
          Thread.new { values << Wasmtime::StructRef.new(store, number, [-42]) }.join
          values << evil
          Wasmtime::StructRef.new(store, holder, values)[0][0]
        end
        p found.uniq
      RUBY
      expect(out).to eq("[-42]")
    end

    it "is refused when the store is closed" do
      type
      store.close
      expect { described_class.new(store, type, [1, 2, 3, nil, vector, nil, nil]) }
        .to raise_error(an_instance_of(Wasmtime::StoreClosedError), "Wasmtime::Store is closed")
    end
  end

  describe "#[] and #[]=" do
    it "read and write the fields of the guest's struct" do
      expect(point.to_a).to eq([7, 8, 2.5])
      point[0] = -5
      expect([point[0], guest.invoke("x", point)]).to eq([-5, -5])
      guest.invoke("move", point)
      expect(point[0]).to eq(99)
    end

    it "keep the low bits of packed integers, and read them unsigned" do
      { 0 => [[-1, 255], [256, 0], [511, 255], [(2**32) - 1, 255]], 1 => [[-1, 65_535], [65_536, 0], [-(2**31), 0]] }.each do |index, pairs|
        pairs.each { |given, kept| expect([struct[index] = given, struct[index]]).to eq([given, kept]) }
      end
      expect { struct[0] = 2**32 }.to raise_error(RangeError, /out of range for i32/)
    end

    it "hold every kind of value" do
      func = Wasmtime::Func.new(store, [], []) {}
      object = Object.new
      { 3 => object, 4 => Wasmtime::V128.i64x2(3, 4), 5 => point, 6 => func }.each { |index, value| struct[index] = value }
      expect(struct[3]).to equal(object)
      expect(struct.to_a.drop(4)).to eq([Wasmtime::V128.i64x2(3, 4), point, func])
      struct[5] = struct
      expect(struct[5]).to eq(struct)
      struct[5] = -(2**30)
      expect(struct[5]).to eq(-(2**30))
    end

    it "refuse fields that are not there" do
      expect { struct[7] }.to raise_error(an_instance_of(Wasmtime::Error), "index 7 is out of bounds: there are 7 fields")
      expect { struct[2**32] = 1 }.to raise_error(an_instance_of(Wasmtime::Error), "index 4294967296 is out of bounds: there are 7 fields")
      expect { struct[-1] }.to raise_error(RangeError, "index is negative: -1")
      expect { struct[2**64] }.to raise_error(RangeError, "index is too big: 18446744073709551616")
      expect { struct[nil] }.to raise_error(TypeError, "no implicit conversion of nil into Integer")
    end

    it "refuse to set a field that is not mutable" do
      expect { struct[2] = 1 }.to raise_error(an_instance_of(Wasmtime::Error), "the field is immutable: its type says const")
      expect(struct[2]).to eq(3)
    end

    it "refuse values that do not fit" do
      expect { struct[0] = "x" }.to raise_error(TypeError, "no implicit conversion of String into Integer")
      expect { struct[4] = 1 }.to raise_error(TypeError, "no implicit conversion of Integer into Wasmtime::V128")
      expect { struct[5] = "x" }.to raise_error(TypeError, "no implicit conversion of String into anyref")
      expect { struct[6] = 1 }.to raise_error(TypeError, "no implicit conversion of Integer into Wasmtime::Func")
      expect(struct.to_a).to eq([1, 2, 3, :object, vector, nil, nil])
    end
  end

  it "takes part in pattern matching" do
    case point
    in [7, Integer => y, Float] then expect(y).to eq(8)
    end
  end

  it "passes as what it is, and is refused elsewhere" do
    other = described_class.new(store, Wasmtime::StructType.new(engine, [:i32]), [1])
    expect { guest.invoke("x", other) }.to raise_error(an_instance_of(Wasmtime::Error), /\Aargument type mismatch: /)
    expect { guest.invoke("x", nil) }.to raise_error(Wasmtime::Trap) { |e| expect(e.code).to eq(:null_reference) }
    expect { guest.invoke("signed", nil) }.to raise_error(TypeError, "nil given for a non-null structref (param at index 0)")
    expect { guest.invoke("x", 5) }.to raise_error(TypeError, "no implicit conversion of Integer into structref (param at index 0)")
    foreign = described_class.new(Wasmtime::Store.new(engine), point_type, [1, 2, 3])
    expect { guest.invoke("x", foreign) }.to raise_error(
      an_instance_of(Wasmtime::Error), "argument type mismatch: the reference belongs to another store (param at index 0)"
    )
  end

  it "is made by new and by guests only" do
    expect { described_class.allocate }.to raise_error(TypeError)
    expect { struct.dup }.to raise_error(TypeError)
  end
end
