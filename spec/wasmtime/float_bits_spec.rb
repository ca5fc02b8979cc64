# frozen_string_literal: true

RSpec.describe Wasmtime::FloatBits do
  # Signalling and quiet, of either sign, with the least and the greatest payload; beside them numbers.
  narrow = [0x7fa0_0001, 0xffa0_0001, 0x7f80_0001, 0xff80_0001, 0x7fc0_0000, 0xffc0_0000, 0x7fff_ffff, 0xffff_ffff, 0x7f80_0000, 0x8000_0000,
            0x3fc0_0000, 0x0000_0001]
  wide = [0x7ff0_0000_0000_0001, 0xfff0_0000_0000_0001, 0x7ff4_0000_0000_0000, 0xfff8_0000_0000_0000, 0x7ff8_0000_0000_0000,
          0x7fff_ffff_ffff_ffff, 0xffff_ffff_ffff_ffff, 0x7ff0_0000_0000_0002, 0xfff0_0000_0000_0000, 0x8000_0000_0000_0000,
          0x3ff8_0000_0000_0000, 0x0000_0000_0000_0001]
  pairs = narrow.zip(wide)

  let(:engine) { Wasmtime::Engine.new(wasm_gc: true, wasm_function_references: true, wasm_exceptions: true) }
  let(:store) { Wasmtime::Store.new(engine) }
  let(:seen) { [] }
  let(:guest) do
    echo = lambda do |f32, f64, *|
      seen << bits([f32, f64])
      [f32, f64]
    end
    Wasmtime::Instance.new(store, Wasmtime::Module.new(engine, <<~WAT), { h: { numbers: echo, mixed: echo } })
      (module
        (import "h" "numbers" (func $numbers (param f32 f64) (result f32 f64)))
        (import "h" "mixed" (func $mixed (param f32 f64 anyref) (result f32 f64)))
        (global (export "g32") (mut f32) (f32.const 0))
        (global (export "g64") (mut f64) (f64.const 0))
        (memory (export "memory") 1)
        (func (export "numbers") (param f32 f64) (result f32 f64) (local.get 0) (local.get 1))
        (func (export "simple") (param f32 f64 externref) (result f32 f64) (local.get 0) (local.get 1))
        (func (export "checked") (param f32 f64 anyref) (result f32 f64) (local.get 0) (local.get 1))
        (func (export "bits") (param f32 f64) (result i32 i64) (i32.reinterpret_f32 (local.get 0)) (i64.reinterpret_f64 (local.get 1)))
        (func (export "floats") (param i32 i64) (result f32 f64) (f32.reinterpret_i32 (local.get 0)) (f64.reinterpret_i64 (local.get 1)))
        (func (export "ask_numbers") (param f32 f64) (result f32 f64) (call $numbers (local.get 0) (local.get 1)))
        (func (export "ask_mixed") (param f32 f64) (result f32 f64) (call $mixed (local.get 0) (local.get 1) (ref.null any))))
    WAT
  end

  def floats(pair)
    [described_class.f32(pair[0]), described_class.f64(pair[1])]
  end

  def bits(pair)
    [described_class.f32_bits(pair[0]), described_class.f64_bits(pair[1])]
  end

  it "turns bits into Floats and back" do
    expect(described_class.f32(0x3fc0_0000)).to eq(1.5)
    expect(described_class.f64(0x3ff8_0000_0000_0000)).to eq(1.5)
    pairs.each { |pair| expect(bits(floats(pair))).to eq(pair) }
  end

  it "puts the payload of an f32 into the upper bits of the Float's" do
    expect(described_class.f64_bits(described_class.f32(0xffa0_0001))).to eq(0xfff4_0000_2000_0000)
    expect(described_class.f32_bits(described_class.f64(0x7ff0_0000_0000_0001))).to eq(0x7fc0_0000)
    expect(described_class.f32_bits(described_class.f64(0xfff0_0000_0000_0001))).to eq(0xffc0_0000)
    expect(described_class.f32_bits(Float::NAN)).to eq(0x7fc0_0000)
  end

  it "rounds numbers to the nearest f32" do
    expect([1, 1r, 0.1, 1e300].map { |number| described_class.f32_bits(number) }).to eq([0x3f80_0000, 0x3f80_0000, 0x3dcc_cccd, 0x7f80_0000])
    expect(described_class.f64_bits(1r)).to eq(0x3ff0_0000_0000_0000)
  end

  it "refuses other bits" do
    { f32: 32, f64: 64 }.each do |name, width|
      [-1, 2**width].each do |number|
        expect { described_class.public_send(name, number) }.to raise_error(RangeError, "bits: expected 0..2**#{width}-1, got #{number}")
      end
      expect { described_class.public_send(name, 1.0) }.to raise_error(TypeError, "no implicit conversion of Float into Integer")
    end
  end

  it "refuses what is no number" do
    expect { described_class.f32_bits("1") }.to raise_error(TypeError, "no implicit conversion of String into Float")
    expect { described_class.f64_bits(nil) }.to raise_error(TypeError, "no implicit conversion of NilClass into Float")
  end

  describe "the bits of f32 and f64" do
    %w[numbers ask_numbers ask_mixed].each do |name|
      it "cross calls as they are (#{name})" do
        pairs.each { |pair| expect(bits(guest.invoke(name, *floats(pair)))).to eq(pair) }
        expect(seen).to eq(name == "numbers" ? [] : pairs)
      end
    end

    it "cross calls with references as they are" do
      pairs.each do |pair|
        expect(bits(guest.invoke("simple", *floats(pair), Object.new))).to eq(pair)
        expect(bits(guest.invoke("checked", *floats(pair), 5))).to eq(pair)
      end
    end

    it "are what the guest sees, and what it makes" do
      pairs.each do |pair|
        expect(guest.invoke("bits", *floats(pair)).pack("l<q<").unpack("L<Q<")).to eq(pair)
        expect(bits(guest.invoke("floats", *pair))).to eq(pair)
      end
    end

    it "stay in globals" do
      pairs.each do |pair|
        globals = %w[g32 g64].map { |name| guest.export(name) }
        globals.zip(floats(pair)) { |global, float| global.set(float) }
        expect(bits(globals.map(&:get))).to eq(pair)
        expect(described_class.f32_bits(Wasmtime::Global.const(store, :f32, floats(pair)[0]).get)).to eq(pair[0])
      end
    end

    it "are written to memories" do
      memory = guest.export("memory").to_memory
      pairs.each do |pair|
        memory.write_f32(0, floats(pair)[0])
        memory.write_f64(4, floats(pair)[1])
        expect(memory.read(0, 12).unpack("L<Q<")).to eq(pair)
      end
    end

    it "are read from memories" do
      memory = guest.export("memory").to_memory
      pairs.each do |pair|
        memory.write(0, pair.pack("L<Q<"))
        expect(bits([memory.read_f32(0), memory.read_f64(4)])).to eq(pair)
      end
    end

    it "stay in structs, arrays and exceptions" do
      struct = Wasmtime::StructType.new(engine, [Wasmtime::FieldType.var(:f32), Wasmtime::FieldType.var(:f64)])
      array = Wasmtime::ArrayType.new(engine, Wasmtime::FieldType.var(:f32))
      tag = Wasmtime::Tag.new(store, %i[f32 f64])
      pairs.each do |pair|
        made = Wasmtime::StructRef.new(store, struct, floats(pair))
        expect(bits(made.to_a)).to eq(pair)
        floats(pair).each_with_index { |float, index| made[index] = float }
        expect(bits(made.to_a)).to eq(pair)
        expect(described_class.f32_bits(Wasmtime::ArrayRef.new(store, array, [0, floats(pair)[0]])[1])).to eq(pair[0])
        expect(bits(Wasmtime::ExnRef.new(store, tag, floats(pair)).payload)).to eq(pair)
      end
    end
  end
end
