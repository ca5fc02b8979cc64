# frozen_string_literal: true

RSpec.describe Wasmtime::V128 do
  let(:vector) { described_class.i32x4(1, 2, 3, -4) }

  describe ".new" do
    it "takes sixteen bytes as they lie in a memory" do
      bytes = (0..15).to_a.pack("C*")
      expect(described_class.new(bytes).u8x16).to eq((0..15).to_a)
      expect(described_class.new(bytes).bytes).to eq(bytes).and be_frozen
      expect(described_class.new("é" * 8).bytes.encoding).to eq(Encoding::BINARY)
    end

    it "refuses other bytes" do
      expect { described_class.new("x" * 15) }.to raise_error(ArgumentError, "a V128 has 16 bytes, got 15")
      expect { described_class.new("x" * 17) }.to raise_error(ArgumentError, "a V128 has 16 bytes, got 17")
      expect { described_class.new(nil) }.to raise_error(TypeError, "no implicit conversion of nil into String")
    end

    it "makes what cannot be changed or copied" do
      expect(vector).to be_frozen
      expect { vector.dup }.to raise_error(TypeError)
      expect { described_class.allocate }.to raise_error(TypeError)
    end
  end

  { i8x16: [16, 8], i16x8: [8, 16], i32x4: [4, 32], i64x2: [2, 64] }.each do |shape, (count, bits)|
    describe ".#{shape} and ##{shape}" do
      unsigned = shape.to_s.sub("i", "u")
      least = -(2**(bits - 1))
      most = (2**bits) - 1
      rest = [0] * (count - 2)

      it "take and give #{count} lanes, signed or unsigned" do
        made = described_class.public_send(shape, least, most, *rest)
        expect(made.public_send(shape)).to eq([least, -1, *rest])
        expect(made.public_send(unsigned)).to eq([2**(bits - 1), most, *rest])
      end

      it "refuse what does not fit" do
        expect { described_class.public_send(shape, *rest) }.to raise_error(ArgumentError, "#{shape} has #{count} lanes, got #{count - 2}")
        [least - 1, most + 1].each do |lane|
          expect { described_class.public_send(shape, 0, lane, *rest) }
            .to raise_error(RangeError, "#{shape}: lane #{lane} is out of range (expected -2**#{bits - 1}..2**#{bits}-1)")
        end
        expect { described_class.public_send(shape, 1.0, 0, *rest) }
          .to raise_error(TypeError, "#{shape}: no implicit conversion of Float into Integer")
        expect { described_class.public_send(shape, nil, 0, *rest) }
          .to raise_error(TypeError, "#{shape}: no implicit conversion of NilClass into Integer")
      end
    end
  end

  it "has lanes of floats" do
    expect(described_class.f32x4(1, 2.5, -0.0, 1e300).f32x4).to eq([1.0, 2.5, -0.0, Float::INFINITY])
    expect(described_class.f64x2(1r, 0.1).f64x2).to eq([1.0, 0.1])
    expect(described_class.f64x2(1, 0).u64x2).to eq([0x3ff0_0000_0000_0000, 0])
  end

  it "refuses lanes that are no numbers, and other numbers of them" do
    expect { described_class.f32x4(1, 2, 3, "4") }.to raise_error(TypeError, "no implicit conversion of String into Float")
    expect { described_class.f64x2(nil, 1) }.to raise_error(TypeError, "no implicit conversion of NilClass into Float")
    expect { described_class.f32x4(1) }.to raise_error(ArgumentError, "f32x4 has 4 lanes, got 1")
    expect { described_class.f64x2(1, 2, 3) }.to raise_error(ArgumentError, "f64x2 has 2 lanes, got 3")
  end

  it "keeps NaNs bit for bit" do
    lanes = [0x7fa0_0001, 0xffa0_0001, 0x7f80_0001, 0xffff_ffff]
    made = described_class.f32x4(*lanes.map { |bits| Wasmtime::FloatBits.f32(bits) })
    expect(made.u32x4).to eq(lanes)
    expect(made.f32x4.map { |float| Wasmtime::FloatBits.f32_bits(float) }).to eq(lanes)

    wide = [0x7ff0_0000_0000_0001, 0xfff4_0000_0000_0000]
    made = described_class.f64x2(*wide.map { |bits| Wasmtime::FloatBits.f64(bits) })
    expect(made.u64x2).to eq(wide)
    expect(made.f64x2.map { |float| Wasmtime::FloatBits.f64_bits(float) }).to eq(wide)
  end

  it "is equal to a vector of the same bits, whatever made it" do
    same = described_class.new(vector.bytes)
    expect(same).to eq(vector).and eql(vector)
    expect(same.hash).to eq(vector.hash)
    expect([vector, same].uniq.size).to eq(1)
    expect(vector).not_to eq(described_class.i32x4(1, 2, 3, 4))
    expect(vector).not_to eq(vector.bytes)
  end

  it "reads as in the text format" do
    expect(vector.to_s).to eq("(v128.const i32x4 0x00000001 0x00000002 0x00000003 0xfffffffc)")
    expect(vector.inspect).to eq("#<Wasmtime::V128 i32x4 0x00000001 0x00000002 0x00000003 0xfffffffc>")
    wat = "(module (func (export \"f\") (result v128) #{vector}))"
    expect(Wasmtime::Instance.new(Wasmtime::Store.new, Wasmtime::Module.new(wat)).invoke("f")).to eq(vector)
  end

  it "can be shared between Ractors, and made in each" do
    expect(Ractor.shareable?(vector)).to be(true)
    out = output_of(<<~RUBY)
      vector = Wasmtime::V128.i32x4(1, 2, 3, -4)
      given = Ractor.new(vector) { |v| [v.i8x16.size, v.u16x8.size, v.f32x4.size, v.f64x2.size, v.i32x4, v.to_s == v.to_s] }.take
      made = Ractor.new { [Wasmtime::V128.i32x4(1, 2, 3, -4), Wasmtime::V128.f32x4(1, 2, 3, 4).f32x4] }.take
      p given, made.first == vector, made.last
    RUBY
    expect(out.lines.map(&:chomp)).to eq(["[16, 8, 4, 2, [1, 2, 3, -4], true]", "true", "[1.0, 2.0, 3.0, 4.0]"])
  end
end
