# frozen_string_literal: true

RSpec.describe Wasmtime::Memory::View do
  let(:memory) { Wasmtime::Memory.new(Wasmtime::Store.new, min_size: 1).tap { |memory| memory.write(0, "0123456789") } }

  it "is an IO::Buffer over the guest's bytes, and so are slices of slices" do
    memory.view(offset: 2) do |view|
      expect(view).to be_an(IO::Buffer).and be_a(described_class)
      inner = view.slice(1, 6).slice(1, 4)
      expect(inner).to be_a(described_class)
      expect(inner.get_string).to eq("4567")
      inner.set_string("xx")
    end
    expect(memory.read(0, 10)).to eq("0123xx6789")
  end

  it "is freed with every slice of it when the block ends" do
    view = slice = moved = nil
    memory.view do |lent|
      slice = lent.slice(0, 8).slice(2, 4)
      moved = lent.slice(0, 8).transfer
      view = lent
    end
    [view, slice, moved].each { |buffer| expect { buffer.get_value(:u8, 0) }.to raise_error(IO::Buffer::AllocationError) }
    expect(view.inspect).to eq("#<Wasmtime::Memory::View 0 bytes freed>")
  end

  it "may be copied (which gives an empty one in Ruby 3.1), transferred, frozen and freed by the block" do
    memory.view do |view|
      expect(view.slice(0, 4).dup).to be_a(described_class)
      view.slice(0, 4).free
      view.slice(0, 4).freeze.slice(0, 2)
      expect(view.transfer.slice(0, 4).get_string).to eq("0123")
    end
  end

  it "is not made by new" do
    expect { described_class.new(10) }.to raise_error(NoMethodError)
  end

  # Ruby 3.1 frees slices wrongly when they die together with what they are slices of.
  it "does not end the process when it dies with its slices, its block left by an exception or never left" do
    printed = output_of(<<~'RUBY', timeout: 60)
      instance = Wasmtime::Instance.new(Wasmtime::Store.new, Wasmtime::Module.new('(module (memory (export "m") 1))'))
      memory = instance.export("m")
      30_000.times { |n| memory.view { |view| view.slice(0, 8).slice(0, 4); raise "text #{n}" } rescue "text #{n}" }
      200.times { Fiber.new { Wasmtime::Memory.new(Wasmtime::Store.new, min_size: 1).view { |view| view.slice(0, 8) && Fiber.yield } }.resume }
      30_000.times { |n| "text #{n}" * 2 }
      GC.start
      puts "alive"
    RUBY
    expect(printed).to eq("alive")
  end
end
