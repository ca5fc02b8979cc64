# frozen_string_literal: true

RSpec.describe Wasmtime::Memory::UnsafeSlice do
  let(:store) { Wasmtime::Store.new }
  let(:memory) { Wasmtime::Memory.new(store, min_size: 1).tap { |memory| memory.write(0, "hello") } }
  let(:slice) { memory.read_unsafe_slice(0, 5) }

  it "is a String where one is wanted" do
    expect("say " + slice).to eq("say hello") # rubocop:disable Style/StringConcatenation
    expect(String.try_convert(slice)).to eq("hello")
  end

  it "gives frozen copies, so that nothing dangles" do
    text = slice.to_str
    expect(text).to be_frozen
    expect(text.encoding).to eq(Encoding::BINARY)
    memory.write(0, "HELLO")
    expect(text).to eq("hello")
    expect(slice.to_str).to eq("HELLO")
  end

  it "gives a memory view of a copy" do
    view = slice.to_memory_view
    expect(view.byte_size).to eq(5)
    expect(view.to_s).to eq("hello")
  end

  it "covers the memory from its start to its end" do
    expect(memory.read_unsafe_slice(65_536, 0).to_str).to eq("")
    expect(memory.read_unsafe_slice(65_535, 1).to_str).to eq("\0")
    expect(memory.read_unsafe_slice(0, 65_536).to_str.bytesize).to eq(65_536)
  end

  it "is refused out of bounds" do
    [[65_536, 1], [65_537, 0], [0, 65_537], [2**32, 1], [(2**64) - 1, 1]].each do |offset, length|
      expect { memory.read_unsafe_slice(offset, length) }.to raise_error(an_instance_of(Wasmtime::Error), "out of bounds memory access")
    end
    expect { memory.read_unsafe_slice(-1, 1) }.to raise_error(RangeError, "offset is negative: -1")
    expect { memory.read_unsafe_slice(0, -1) }.to raise_error(RangeError, "length is negative: -1")
    expect { memory.read_unsafe_slice(nil, 1) }.to raise_error(TypeError, "no implicit conversion of nil into Integer")
  end

  it "is invalid once the memory has grown" do
    slice
    memory.grow(1)
    expect { slice.to_str }.to raise_error(an_instance_of(Wasmtime::Error), "memory slice was invalidated by resize")
    expect { slice.to_memory_view }
      .to raise_error(ArgumentError, "Unable to get a memory view from #<Wasmtime::Memory::UnsafeSlice offset=0 length=5>")
  end

  it "raises when the store is closed" do
    slice
    store.close
    expect { slice.to_str }.to raise_error(Wasmtime::StoreClosedError, "Wasmtime::Store is closed")
    expect { slice.to_memory_view }.to raise_error(Wasmtime::StoreClosedError, "Wasmtime::Store is closed")
    expect(slice.inspect).to eq("#<Wasmtime::Memory::UnsafeSlice offset=0 length=5>")
  end

  it "is made by Memory#read_unsafe_slice only" do
    expect { described_class.new }.to raise_error(NoMethodError)
    expect { described_class.allocate }.to raise_error(NoMethodError)
  end
end
