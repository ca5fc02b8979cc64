# frozen_string_literal: true

RSpec.describe Wasmtime::Memory do
  let(:engine) { Wasmtime::Engine.default }
  let(:store) { Wasmtime::Store.new(engine) }
  let(:memory) { described_class.new(store, min_size: 1, max_size: 3) }
  let(:size) { 65_536 }

  def out_of_bounds
    raise_error(an_instance_of(Wasmtime::Error).and(have_attributes(message: "out of bounds memory access")))
  end

  describe ".new" do
    it "has a page size" do
      bytes = Wasmtime::Store.new(Wasmtime::Engine.new(wasm_custom_page_sizes: true))
      expect(memory.page_size).to eq(65_536)
      expect(described_class.new(bytes, min_size: 1, page_size: 1).page_size).to eq(1)
    end

    it "takes sizes in pages" do
      expect(memory).to have_attributes(min_size: 1, max_size: 3, size: 1, bytesize: size, data_size: size)
      expect(described_class.new(store, min_size: 0)).to have_attributes(min_size: 0, max_size: nil, size: 0, bytesize: 0)
      expect(described_class.new(store, min_size: 1, max_size: nil).max_size).to be_nil
      expect(memory.type).to eq(Wasmtime::MemoryType.new(1, 3))
      expect(memory.store).to equal(store)
    end

    it "is zero at the start" do
      expect(memory.read(0, size)).to eq("\0" * size)
    end

    it "may have 64-bit addresses, or small pages" do
      expect(described_class.new(store, min_size: 1, memory64: true).type).to eq(Wasmtime::MemoryType.new(1, memory64: true))
      custom = Wasmtime::Store.new(Wasmtime::Engine.new(wasm_custom_page_sizes: true))
      small = described_class.new(custom, min_size: 5, page_size: 1)
      expect([small.size, small.bytesize, small.grow(3), small.bytesize]).to eq([5, 5, 5, 8])
      expect(small.type).to eq(Wasmtime::MemoryType.new(5, page_size: 1))
    end

    it "refuses limits that contradict each other or the type" do
      expect { described_class.new(store, min_size: 2, max_size: 1) }
        .to raise_error(an_instance_of(Wasmtime::Error), "maximum page size cannot be smaller than the minimum page size")
      expect { described_class.new(store, min_size: 65_537) }.to raise_error(Wasmtime::Error, /minimum size is too large/)
      expect { described_class.new(store, min_size: 0, max_size: 65_537) }.to raise_error(Wasmtime::Error, /maximum size is too large/)
    end

    it "refuses what is no size" do
      expect { described_class.new(store) }.to raise_error(ArgumentError, "missing keyword: :min_size")
      expect { described_class.new(store, min_size: nil) }.to raise_error(TypeError, "no implicit conversion of nil into Integer")
      expect { described_class.new(store, min_size: "1") }.to raise_error(TypeError, "no implicit conversion of String into Integer")
      expect { described_class.new(store, min_size: -1) }.to raise_error(RangeError, "min_size is negative: -1")
      expect { described_class.new(store, min_size: 2**64) }.to raise_error(RangeError, "min_size is too big: 18446744073709551616")
      expect { described_class.new(store, min_size: 1, max_size: -1) }.to raise_error(RangeError, "max_size is negative: -1")
      expect { described_class.new(store, min_size: 1, page_size: 2) }.to raise_error(ArgumentError, "page_size: expected 65536 or 1, got 2")
      expect { described_class.new(nil, min_size: 1) }.to raise_error(TypeError, "no implicit conversion of NilClass into Wasmtime::Store")
    end

    it "makes objects that cannot be copied" do
      expect { memory.dup }.to raise_error(TypeError)
      expect { described_class.allocate }.to raise_error(TypeError)
    end
  end

  describe "#grow" do
    it "adds pages and gives the size before" do
      memory.write(0, "kept")
      expect([memory.grow(1), memory.grow(0), memory.size, memory.bytesize]).to eq([1, 2, 2, 2 * size])
      expect(memory.read(0, 4)).to eq("kept")
      expect(memory.read(size, 4)).to eq("\0\0\0\0")
      expect(memory.type).to eq(Wasmtime::MemoryType.new(1, 3))
    end

    it "is refused past the maximum" do
      expect { memory.grow(3) }.to raise_error(an_instance_of(Wasmtime::Error), "failed to grow memory by `3`")
      expect { memory.grow((2**64) - 1) }.to raise_error(an_instance_of(Wasmtime::Error), "failed to grow memory by `18446744073709551615`")
      expect(memory.size).to eq(1)
    end

    it "refuses what is no number of pages" do
      expect { memory.grow(-1) }.to raise_error(RangeError, "delta is negative: -1")
      expect { memory.grow(2**64) }.to raise_error(RangeError, "delta is too big: 18446744073709551616")
      expect { memory.grow(nil) }.to raise_error(TypeError, "no implicit conversion of nil into Integer")
    end

    it "is seen by the guest, and the guest's growth by Ruby" do
      guest = Wasmtime::Instance.new(store, Wasmtime::Module.new(engine, <<~WAT))
        (module (memory (export "m") 1) (func (export "size") (result i32) memory.size)
          (func (export "grow") (result i32) i32.const 2 memory.grow))
      WAT
      guest.export("m").grow(1)
      expect(guest.invoke("size")).to eq(2)
      guest.invoke("grow")
      expect(guest.export("m").size).to eq(4)
    end
  end

  describe "#read and #write" do
    it "copy bytes" do
      expect(memory.write(10, "hëllo")).to be_nil
      text = memory.read(10, 6)
      expect(text).to eq("hëllo".b)
      expect(text.encoding).to eq(Encoding::BINARY)
      expect(text).not_to be_frozen
    end

    it "reach the start and the end" do
      memory.write(size - 2, "ab")
      expect(memory.read(size - 2, 2)).to eq("ab")
      expect([memory.read(0, 0), memory.read(size, 0), memory.write(size, "")]).to eq(["", "", nil])
    end

    past = [[65_536, 1], [65_537, 0], [0, 65_537], [65_535, 2], [2**32, 1], [2**32, 0], [(2**64) - 1, 1], [(2**64) - 1, 2], [1, (2**64) - 1]]
    past.each do |offset, length|
      it "are refused at #{offset} for #{length} bytes" do
        expect { memory.read(offset, length) }.to out_of_bounds
        expect { memory.write(offset, "x" * length) }.to out_of_bounds if length < 100_000
      end
    end

    it "refuse offsets and lengths that are no sizes" do
      expect { memory.read(-1, 1) }.to raise_error(RangeError, "offset is negative: -1")
      expect { memory.read(0, -1) }.to raise_error(RangeError, "length is negative: -1")
      expect { memory.read(2**64, 1) }.to raise_error(RangeError, "offset is too big: 18446744073709551616")
      expect { memory.read(0, 2**64) }.to raise_error(RangeError, "length is too big: 18446744073709551616")
      expect { memory.read(nil, 1) }.to raise_error(TypeError, "no implicit conversion of nil into Integer")
      expect { memory.read(0, nil) }.to raise_error(TypeError, "no implicit conversion of nil into Integer")
      expect { memory.read("0", 1) }.to raise_error(TypeError, "no implicit conversion of String into Integer")
      expect { memory.write(-1, "") }.to raise_error(RangeError, "offset is negative: -1")
      expect { memory.write(2**64, "") }.to raise_error(RangeError, "offset is too big: 18446744073709551616")
    end

    it "refuse negative numbers of any size" do
      [-(2**64), -(2**127), -(2**128), -(2**200)].each do |offset|
        expect { memory.read(offset, 1) }.to raise_error(RangeError, "offset is negative: #{offset}")
      end
    end

    it "take what to_int and to_str give" do
      memory.write(1.9, "b")
      expect(memory.read(1, 1.5)).to eq("b")
      memory.write(0, Class.new { def to_str = "str" }.new)
      expect(memory.read(0, 3)).to eq("str")
    end

    it "refuse what is no String" do
      expect { memory.write(0, nil) }.to raise_error(TypeError, "no implicit conversion of nil into String")
      expect { memory.write(0, 1) }.to raise_error(TypeError, "no implicit conversion of Integer into String")
      expect { memory.write(0, :a) }.to raise_error(TypeError, "no implicit conversion of Symbol into String")
    end
  end

  describe "#read_utf8" do
    it "gives UTF-8" do
      memory.write(0, "hëllo")
      expect(memory.read_utf8(0, 6)).to eq("hëllo")
      expect(memory.read_utf8(0, 6).encoding).to eq(Encoding::UTF_8)
      expect(memory.read_utf8(size, 0)).to eq("")
    end

    it "refuses what is none" do
      memory.write(0, "h\xC3\xABllo\xff")
      expect { memory.read_utf8(0, 2) }.to raise_error(an_instance_of(Wasmtime::Error), "invalid utf-8 sequence in 2 bytes at offset 0")
      expect { memory.read_utf8(6, 1) }.to raise_error(an_instance_of(Wasmtime::Error), "invalid utf-8 sequence in 1 bytes at offset 6")
      expect { memory.read_utf8(size, 1) }.to out_of_bounds
    end
  end

  describe "#read_cstring and #write_cstring" do
    it "end with a NUL" do
      memory.fill(120, length: 20)
      expect(memory.write_cstring(2, "hé")).to be_nil
      expect(memory.read(0, 7)).to eq("xxh\xC3\xA9\0x".b)
      expect(memory.read_cstring(2)).to eq("hé".b)
      expect(memory.read_cstring(2).encoding).to eq(Encoding::BINARY)
      expect(memory.read_cstring(5)).to eq("")
    end

    it "end with the memory" do
      memory.write(size - 2, "zz")
      expect(memory.read_cstring(size - 2)).to eq("zz")
      expect([size, size + 1, 2**32, (2**64) - 1].map { |offset| memory.read_cstring(offset) }).to eq([""] * 4)
    end

    it "refuse what does not fit" do
      expect(memory.write_cstring(size - 1, "")).to be_nil
      expect { memory.write_cstring(size - 1, "a") }.to out_of_bounds
      expect { memory.write_cstring(size, "") }.to out_of_bounds
      expect { memory.write_cstring(0, "a\0b") }.to raise_error(ArgumentError, "string contains null byte")
      expect { memory.write_cstring(0, nil) }.to raise_error(TypeError, "no implicit conversion of nil into String")
      expect { memory.read_cstring(-1) }.to raise_error(RangeError, "offset is negative: -1")
      expect { memory.read_cstring(2**64) }.to raise_error(RangeError, "offset is too big: 18446744073709551616")
    end

    it "leave the String alone" do
      text = "abc"
      memory.write_cstring(0, text)
      expect(text).to eq("abc")
    end
  end

  { i8: ["c", 1], u8: ["C", 1], i16: ["s<", 2], u16: ["S<", 2], i32: ["l<", 4], u32: ["L<", 4], i64: ["q<", 8], u64: ["Q<", 8] }
    .each do |type, (format, width)|
    describe "#read_#{type} and #write_#{type}" do
      signed = type.start_with?("i")
      min = signed ? -(2**((width * 8) - 1)) : 0
      max = (2**((width * 8) - (signed ? 1 : 0))) - 1

      define_method(:read) { |offset| memory.public_send(:"read_#{type}", offset) }
      define_method(:write) { |offset, value| memory.public_send(:"write_#{type}", offset, value) }

      it "are little-endian, at any offset" do
        [min, max, 0, 1, max / 3].each do |value|
          expect(write(3, value)).to be_nil
          expect(memory.read(3, width)).to eq([value].pack(format))
          expect(read(3)).to eq(value)
        end
      end

      it "reach the start and the end, and no further" do
        [0, size - width].each { |offset| write(offset, max) && expect(read(offset)).to(eq(max)) }
        [size - width + 1, size, 2**32, (2**64) - 1].each do |offset|
          expect { read(offset) }.to out_of_bounds
          expect { write(offset, 0) }.to out_of_bounds
        end
        expect { read(-1) }.to raise_error(RangeError, "offset is negative: -1")
        expect { write(-1, 0) }.to raise_error(RangeError, "offset is negative: -1")
        expect { read(nil) }.to raise_error(TypeError, "no implicit conversion of nil into Integer")
      end

      it "refuse numbers that do not fit" do
        [min - 1, max + 1, 2**64, -(2**64), 2**200, -(2**128)].each do |value|
          expect { write(0, value) }.to raise_error(RangeError, /#{type}/)
        end
        expect(read(0)).to eq(0)
      end

      it "take what to_int gives, and nothing else" do
        write(0, 1.9)
        expect(read(0)).to eq(1)
        expect { write(0, nil) }.to raise_error(TypeError, "no implicit conversion of nil into Integer")
        expect { write(0, "1") }.to raise_error(TypeError, "no implicit conversion of String into Integer")
      end
    end
  end

  it "says how integers do not fit" do
    expect { memory.write_u8(0, 256) }.to raise_error(RangeError, "integer 256 out of range for u8 (expected 0..255)")
    expect { memory.write_i32(0, 2**31) }
      .to raise_error(RangeError, "integer 2147483648 out of range for i32 (expected -2147483648..2147483647)")
  end

  describe "floats" do
    it "are read and written" do
      expect(memory.write_f32(1, 0.1)).to be_nil
      expect(memory.read_f32(1)).to eq([0.1].pack("e").unpack1("e"))
      expect(memory.read(1, 4)).to eq([0.1].pack("e"))
      expect(memory.write_f64(1, 0.1)).to be_nil
      expect(memory.read_f64(1)).to eq(0.1)
      expect(memory.read(1, 8)).to eq([0.1].pack("E"))
    end

    it "are any Numeric" do
      memory.write_f64(0, 1r / 4)
      memory.write_f32(8, 3)
      expect([memory.read_f64(0), memory.read_f32(8)]).to eq([0.25, 3.0])
      memory.write_f32(0, 1e300)
      expect(memory.read_f32(0)).to eq(Float::INFINITY)
      memory.write_f64(0, Float::NAN)
      expect(memory.read_f64(0)).to be_nan
    end

    it "are refused out of bounds, and when they are no numbers" do
      memory.write_f32(size - 4, 1)
      memory.write_f64(size - 8, 1)
      expect { memory.write_f32(size - 3, 1) }.to out_of_bounds
      expect { memory.read_f64(size - 7) }.to out_of_bounds
      expect { memory.write_f32(0, nil) }.to raise_error(TypeError, "can't convert nil into Float")
      expect { memory.write_f64(0, "1") }.to raise_error(TypeError, "can't convert String into Float")
      expect { memory.read_f32(-1) }.to raise_error(RangeError, "offset is negative: -1")
    end
  end

  describe "#[]" do
    before { memory.write(0, "hello") }

    it "is a byte, or a copy of a range" do
      expect(memory[0]).to eq(104)
      expect(memory[1, 3]).to eq("ell")
      expect([memory[0..4], memory[0...4], memory[..1], memory[3..2], memory[65_535..], memory[65_536..]])
        .to eq(["hello", "hell", "he", "", "\0", ""])
    end

    it "is refused out of bounds" do
      expect { memory[size] }.to out_of_bounds
      expect { memory[size, 1] }.to out_of_bounds
      expect { memory[0..size] }.to out_of_bounds
      expect { memory[(size + 1)..] }.to out_of_bounds
    end

    it "does not count from the end" do
      expect { memory[-1] }.to raise_error(RangeError, "offset is negative: -1")
      expect { memory[-2..] }.to raise_error(RangeError, "offset is negative: -2")
      expect { memory[0..-2] }.to raise_error(RangeError, "range end is negative: -2")
    end

    it "refuses what is no offset" do
      expect { memory[nil] }.to raise_error(TypeError, "no implicit conversion of nil into Integer")
    end
  end

  describe "#[]=" do
    it "sets a byte, or bytes" do
      memory[0] = 65
      memory[1, 2] = "bc"
      expect(memory.read(0, 3)).to eq("Abc")
    end

    it "never cuts or stretches" do
      expect { memory[0, 1] = "bc" }.to raise_error(ArgumentError, "length is 1, but the string has 2 bytes")
      expect { memory[0, 3] = "bc" }.to raise_error(ArgumentError, "length is 3, but the string has 2 bytes")
      expect { memory[0, nil] = "bc" }.to raise_error(ArgumentError, "length is nil, but the string has 2 bytes")
    end

    it "refuses what is no byte and no String" do
      expect { memory[0] = 256 }.to raise_error(RangeError, "integer 256 out of range for u8 (expected 0..255)")
      expect { memory[0] = "a" }.to raise_error(TypeError, "no implicit conversion of String into Integer")
      expect { memory[0, 1] = nil }.to raise_error(TypeError, "no implicit conversion of nil into String")
      expect { memory[0, 1] = 5 }.to raise_error(TypeError, "no implicit conversion of Integer into String")
      expect { memory[size] = 1 }.to out_of_bounds
    end
  end

  describe "#fill" do
    it "sets every byte of a range" do
      expect(memory.fill(7)).to be_nil
      expect([memory[0], memory[size - 1]]).to eq([7, 7])
      memory.fill(1, offset: 2, length: 3)
      expect(memory[0, 6]).to eq("\a\a\x01\x01\x01\a")
      memory.fill(0, offset: size - 1)
      expect(memory[size - 2, 2]).to eq("\a\0")
      expect(memory.fill(1, offset: size)).to be_nil
    end

    it "is refused out of bounds, and for what is no byte" do
      expect { memory.fill(1, offset: size + 1) }.to out_of_bounds
      expect { memory.fill(1, length: size + 1) }.to out_of_bounds
      expect { memory.fill(1, offset: (2**64) - 1, length: 2) }.to out_of_bounds
      expect { memory.fill(256) }.to raise_error(RangeError, "byte is too big: 256 (expected 0..255)")
      expect { memory.fill(-1) }.to raise_error(RangeError, "byte is negative: -1")
      expect { memory.fill(1, offset: -1) }.to raise_error(RangeError, "offset is negative: -1")
      expect { memory.fill(nil) }.to raise_error(TypeError, "no implicit conversion of nil into Integer")
    end
  end

  describe "#copy" do
    it "copies within the memory, also when ranges overlap" do
      memory.write(0, "abcdef")
      expect(memory.copy(from: 0, to: 2, length: 4)).to be_nil
      expect(memory[0, 6]).to eq("ababcd")
      memory.copy(from: 2, to: 0, length: 4)
      expect(memory[0, 6]).to eq("abcdcd")
      expect(memory.copy(from: size, to: size, length: 0)).to be_nil
    end

    it "is refused out of bounds" do
      expect { memory.copy(from: 0, to: size, length: 1) }.to out_of_bounds
      expect { memory.copy(from: size, to: 0, length: 1) }.to out_of_bounds
      expect { memory.copy(from: 1, to: 0, length: (2**64) - 1) }.to out_of_bounds
      expect { memory.copy(from: -1, to: 0, length: 1) }.to raise_error(RangeError, "from is negative: -1")
      expect { memory.copy(from: 0, to: -1, length: 1) }.to raise_error(RangeError, "to is negative: -1")
      expect { memory.copy(from: 0, to: 1) }.to raise_error(ArgumentError, "missing keyword: :length")
    end
  end

  describe "#view" do
    before { memory.write(0, "hello") }

    it "lends the memory without a copy" do
      result = memory.view do |buffer|
        expect(buffer).to be_a(IO::Buffer)
        expect(buffer.size).to eq(size)
        expect(buffer.get_string(0, 5)).to eq("hello")
        buffer.set_string("J", 0)
        memory.write(1, "E")
        expect(buffer.get_value(:U8, 1)).to eq("E".ord)
        :result
      end
      expect(result).to eq(:result)
      expect(memory.read(0, 5)).to eq("JEllo")
    end

    it "lends a range" do
      memory.view(offset: 1, length: 3) { |buffer| expect(buffer.get_string).to eq("ell") }
      memory.view(offset: 1) { |buffer| expect(buffer.size).to eq(size - 1) }
      memory.view(offset: size) { |buffer| expect(buffer.size).to eq(0) }
    end

    it "makes the buffer and its slices invalid when the block ends, however it ends" do
      kept = []
      keep = ->(buffer) { kept.push(buffer, buffer.slice(1, 2)) }
      memory.view(&keep)
      expect { memory.view { |buffer| keep.call(buffer) && raise(IOError, "x") } }.to raise_error(IOError, "x")
      expect(catch(:done) { memory.view { |buffer| keep.call(buffer) && throw(:done, 3) } }).to eq(3)
      expect(memory.view { |buffer| keep.call(buffer) && (break 4) }).to eq(4)
      expect(kept.size).to eq(8)
      expect(kept.map(&:valid?)).to all(be(false))
      kept.each { |buffer| expect { buffer.get_string }.to raise_error(IO::Buffer::AllocationError) }
      expect(store.close).to be(true)
    end

    it "stays right while the memory grows" do
      memory.view do |buffer|
        memory.grow(1)
        buffer.set_value(:U8, 0, 7)
      end
      expect(memory[0]).to eq(7)
    end

    it "keeps the store open" do
      expect { memory.view { store.close } }.to raise_error(Wasmtime::StoreBusyError)
      expect(store).not_to be_closed
    end

    it "is refused out of bounds" do
      expect { memory.view(offset: size + 1) {} }.to out_of_bounds
      expect { memory.view(length: size + 1) {} }.to out_of_bounds
      expect { memory.view(offset: -1) {} }.to raise_error(RangeError, "offset is negative: -1")
      expect { memory.view }.to raise_error(ArgumentError, "no block given")
    end

    it "is for memories that cannot move" do
      message = "the memory may move when it grows, so it cannot be viewed without a copy: use read and write, or create the engine with " \
                "memory_may_move: false"
      wide = described_class.new(store, min_size: 1, memory64: true)
      expect { wide.view {} }.to raise_error(an_instance_of(Wasmtime::Error), message)
      moving = described_class.new(Wasmtime::Store.new(Wasmtime::Engine.new(memory_reservation: 0)), min_size: 1)
      expect { moving.view {} }.to raise_error(an_instance_of(Wasmtime::Error), message)
      fixed = described_class.new(Wasmtime::Store.new(Wasmtime::Engine.new(memory_may_move: false)), min_size: 1, memory64: true)
      expect(fixed.view { 1 }).to eq(1)
    end
  end

  it "is shared with a guest that has 64-bit addresses" do
    guest = Wasmtime::Instance.new(store, Wasmtime::Module.new(engine, <<~WAT))
      (module (memory (export "m") i64 1 2)
        (func (export "get") (param i64) (result f32) (f32.load (local.get 0)))
        (func (export "grow") (result i64) (memory.grow (i64.const 1))))
    WAT
    wide = guest.export("m").to_memory
    wide.write_f32(65_532, 1.5)
    expect([guest.invoke("get", 65_532), guest.invoke("grow"), wide.size, wide.read_f32(65_532)]).to eq([1.5, 1, 2, 1.5])
    expect { wide.read(2**40, 1) }.to raise_error(Wasmtime::Error)
    expect { guest.invoke("get", 2**40) }.to raise_error(Wasmtime::Trap)
  end

  describe "#inspect" do
    it "is the type" do
      expect(memory.inspect).to eq("#<Wasmtime::Memory (memory 1 3)>")
    end
  end

  describe "with a closed store" do
    calls = { min_size: [], max_size: [], size: [], bytesize: [], data_size: [], type: [], grow: [1], read: [0, 1], write: [0, "a"],
              read_utf8: [0, 1], read_cstring: [0], write_cstring: [0, "a"], :[] => [0], :[]= => [0, 1], fill: [0],
              read_unsafe_slice: [0, 1] }
    %i[i8 u8 i16 u16 i32 u32 i64 u64 f32 f64].each { |type| calls.merge!("read_#{type}": [0], "write_#{type}": [0, 1]) }
    calls.each do |name, args|
      it "raises for #{name}" do
        memory
        store.close
        expect { memory.public_send(name, *args) }.to raise_error(an_instance_of(Wasmtime::StoreClosedError), "Wasmtime::Store is closed")
      end
    end

    it "raises for copy and view, and still has a store and an inspect" do
      memory
      store.close
      expect { memory.copy(from: 0, to: 0, length: 0) }.to raise_error(Wasmtime::StoreClosedError, "Wasmtime::Store is closed")
      expect { memory.view {} }.to raise_error(Wasmtime::StoreClosedError, "Wasmtime::Store is closed")
      expect(memory.store).to equal(store)
      expect(memory.inspect).to eq("#<Wasmtime::Memory (store closed)>")
    end
  end
end
