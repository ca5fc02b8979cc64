# frozen_string_literal: true

RSpec.describe "Cache::Memory" do
  let(:memory) { Wasmtime.const_get(:Cache)::Memory.new(3) }

  it "makes a value once for a key" do
    made = 0
    values = Array.new(3) { memory.once([:a, 1]) { "value #{made += 1}" } }
    expect(values).to eq(["value 1"] * 3)
    expect(values.map(&:object_id).uniq.size).to eq(1)
    expect(memory.once([:a, 2]) { "other" }).to eq("other")
  end

  it "forgets what was asked for least recently" do
    %i[a b c].each { |key| memory.once(key) { key } }
    memory.once(:a) { raise "a is there" }
    memory.once(:d) { :d }
    expect(memory.size).to eq(3)
    expect(memory.once(:a) { :new }).to eq(:a)
    expect(memory.once(:b) { :new }).to eq(:new)
  end

  it "forgets everything when it is cleared" do
    memory.once(:a) { 1 }
    memory.clear
    expect([memory.size, memory.once(:a) { 2 }]).to eq([0, 2])
  end

  it "tries again after a failure" do
    expect { memory.once(:a) { raise ArgumentError, "not yet" } }.to raise_error(ArgumentError, "not yet")
    expect(memory.once(:a) { 5 }).to eq(5)
  end

  it "lets threads that ask for the same wait for the first, and others go on" do
    started = Queue.new
    go = Queue.new
    first = Thread.new { memory.once(:slow) { (started << true) && go.pop } }
    started.pop
    others = Array.new(3) { Thread.new { memory.once(:slow) { raise "made twice" } } }
    expect(memory.once(:quick) { 1 }).to eq(1)
    go << :made
    expect([first, *others].map(&:value)).to all(eq(:made))
  end
end
