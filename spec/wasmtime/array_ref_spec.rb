# frozen_string_literal: true

RSpec.describe Wasmtime::ArrayRef do
  let(:engine) { Wasmtime::Engine.default }
  let(:store) { Wasmtime::Store.new(engine) }
  let(:bytes) { of(:i8) }
  let(:array) { described_class.new(store, bytes, [1, 2, 255]) }

  # A type of arrays that can be changed.
  def of(type)
    Wasmtime::ArrayType.new(engine, Wasmtime::FieldType.var(type))
  end

  describe ".new" do
    it "makes an array of the elements" do
      expect(array.to_a).to eq([1, 2, 255])
      expect(array).to have_attributes(size: 3, type: bytes)
      expect(array.store).to equal(store)
    end

    it "makes empty arrays" do
      (Wasmtime::ValType::SYMBOLS + %i[i8 i16]).each do |type|
        expect(described_class.new(store, Wasmtime::ArrayType.new(engine, type), []).to_a).to eq([])
      end
    end

    it "makes empty arrays of references that are not null" do
      expect(described_class.new(store, of(Wasmtime::ValType.new(:any, nullable: false)), []).to_a).to eq([])
    end

    it "holds every kind of value" do
      object = Object.new
      func = Wasmtime::Func.new(store, [], []) {}
      vectors = [Wasmtime::V128.i64x2(1, 2), Wasmtime::V128.i64x2(3, 4)]
      exn = Wasmtime::ExnRef.new(store, Wasmtime::Tag.new(store), [])
      { i16: [65_535, 0], i32: [-1, 2**30], i64: [-(2**63), 5], f32: [1.5, -0.0], f64: [0.1, 2.0], v128: vectors, externref: [nil, object],
        anyref: [array, 5, nil], arrayref: [array, nil], i31ref: [1, nil], exnref: [nil, exn], funcref: [nil, func] }.each do |type, values|
        expect(described_class.new(store, of(type), values).to_a).to eq(values)
      end
    end

    it "keeps the low bits of packed integers, and reads them unsigned" do
      expect(described_class.new(store, bytes, [-1, 256, 511, (2**32) - 1, -(2**31)]).to_a).to eq([255, 0, 255, 255, 0])
      expect(described_class.new(store, of(:i16), [-1, 65_536, 65_537]).to_a).to eq([65_535, 0, 1])
    end

    it "takes numbers of 31 bits, signed or unsigned" do
      numbers = [-(2**30), (2**30) - 1, 2**30, (2**31) - 1]
      expect(described_class.new(store, of(:i31ref), numbers).to_a).to eq([-(2**30), (2**30) - 1, -(2**30), -1])
      [-(2**30) - 1, 2**31].each do |number|
        expect { described_class.new(store, of(:i31ref), [number]) }
          .to raise_error(RangeError, "integer #{number} out of range for i31 (expected -1073741824..2147483647) (value at index 0)")
      end
    end

    it "refuses elements that do not fit" do
      expect { described_class.new(store, bytes, [nil]) }
        .to raise_error(TypeError, "no implicit conversion of nil into Integer (value at index 0)")
      expect { described_class.new(store, bytes, [1, 2**32]) }.to raise_error(RangeError, /\Ainteger 4294967296 out of range for i32/)
      expect { described_class.new(store, bytes, 1) }.to raise_error(TypeError, "no implicit conversion of Integer into Array")
    end

    it "refuses what is no such type, and types of another engine" do
      expect { described_class.new(store, :i8, []) }.to raise_error(TypeError, "no implicit conversion of Symbol into Wasmtime::ArrayType")
      expect { described_class.new(store, Wasmtime::ArrayType.new(Wasmtime::Engine.new, :i8), [1]) }
        .to raise_error(ArgumentError, "the type belongs to another engine; make it with the engine it is used with")
    end

    it "makes arrays that cannot be changed afterwards" do
      constant = Wasmtime::ArrayType.new(engine, :i32)
      array = described_class.new(store, constant, [4, 5])
      expect(array.to_a).to eq([4, 5])
      expect { array[0] = 5 }.to raise_error(an_instance_of(Wasmtime::Error), "the field is immutable: its type says const")
    end
  end

  describe ".filled" do
    it "makes an array of one value" do
      expect(described_class.filled(store, bytes, 3, 7).to_a).to eq([7, 7, 7])
      expect(described_class.filled(store, bytes, 0, 7).to_a).to eq([])
      strict = of(Wasmtime::ValType.new(:any, nullable: false))
      expect(described_class.filled(store, strict, 0, 1).to_a).to eq([])
      expect(described_class.filled(store, bytes, 100_000, 1).sum).to eq(100_000)
    end

    it "refuses sizes that cannot be" do
      expect { described_class.filled(store, bytes, -1, 0) }.to raise_error(RangeError, "size is negative: -1")
      expect { described_class.filled(store, bytes, 2**32, 0) }
        .to raise_error(RangeError, "size is too big: 4294967296 (expected 0..2**32-1)")
      expect { described_class.filled(store, bytes, nil, 0) }.to raise_error(TypeError, "no implicit conversion of nil into Integer")
    end

    it "is refused when the guest's heap is full" do
      expect { described_class.filled(store, of(:i64), (2**32) - 1, 0) }.to raise_error(an_instance_of(Wasmtime::Error), /too large|out of memory/)
      expect(described_class.filled(store, bytes, 3, 7).to_a).to eq([7, 7, 7])
    end
  end

  describe "#[] and #[]=" do
    it "read and write the elements of the guest's array" do
      guest = Wasmtime::Instance.new(store, Wasmtime::Module.new(engine, <<~WAT))
        (module (type $a (array (mut i8)))
          (func (export "make") (param i32) (result (ref $a)) (array.new $a (i32.const 5) (local.get 0)))
          (func (export "get_s") (param (ref $a) i32) (result i32) (array.get_s $a (local.get 0) (local.get 1))))
      WAT
      made = guest.invoke("make", 2)
      expect([made.to_a, made[1] = -2, made[1], guest.invoke("get_s", made, 1)]).to eq([[5, 5], -2, 254, -2])
      expect([guest.invoke("get_s", array, 2), made.type == array.type]).to eq([-1, true])
    end

    it "refuse elements that are not there" do
      expect { array[3] }.to raise_error(an_instance_of(Wasmtime::Error), "index 3 is out of bounds: there are 3 elements")
      expect { array[2**63] = 1 }.to raise_error(an_instance_of(Wasmtime::Error), "index 9223372036854775808 is out of bounds: there are 3 elements")
      expect { array[-1] }.to raise_error(RangeError, "index is negative: -1")
      expect { array["0"] }.to raise_error(TypeError, "no implicit conversion of String into Integer")
    end

    it "refuse to change what is not mutable, and values that do not fit" do
      expect { described_class.filled(store, Wasmtime::ArrayType.new(engine, :i32), 1, 1)[0] = 2 }
        .to raise_error(an_instance_of(Wasmtime::Error), "the field is immutable: its type says const")
      expect { array[0] = "x" }.to raise_error(TypeError, "no implicit conversion of String into Integer")
      foreign = described_class.new(Wasmtime::Store.new(engine), bytes, [1])
      expect { described_class.filled(store, of(:anyref), 1, nil)[0] = foreign }
        .to raise_error(an_instance_of(Wasmtime::Error), "argument type mismatch: the reference belongs to another store")
    end
  end

  it "is Enumerable" do
    expect([array.sum, array.map { |byte| byte + 1 }, array.include?(2), array.first(2)]).to eq([258, [2, 3, 256], true, [1, 2]])
    expect(array.each {}).to equal(array)
    expect(array.each).to be_an(Enumerator).and have_attributes(size: 3)
  end

  it "takes part in pattern matching" do
    case array
    in [1, *, last] then expect(last).to eq(255)
    end
  end

  it "is made by new, filled and guests only" do
    expect { described_class.allocate }.to raise_error(TypeError)
    expect { array.dup }.to raise_error(TypeError)
  end
end
