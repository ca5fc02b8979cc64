# frozen_string_literal: true

RSpec.describe "places that plugins share" do
  let(:slots) { slots_class.new(2) }
  let(:late) { Class.new(StandardError) }

  def slots_class = Wasmtime::Plugin.const_get(:Slots)

  def hold(holder, seconds = 0)
    slots.hold(holder, seconds) { raise late }
  end

  def holders(count) = Array.new(count) { Object.new }

  it "are given to as many as there are" do
    a, b, c = holders(3)
    hold(a)
    hold(b)
    expect { hold(c) }.to raise_error(late)
    expect(slots.size).to eq(2)
    slots.release(a)
    hold(c)
    expect(slots.size).to eq(2)
  end

  it "are given back once, and only by who has them" do
    a, b = holders(2)
    hold(a)
    3.times { slots.release(a) }
    slots.release(b)
    expect(slots.size).to eq(0)
    holders(2).each { |holder| hold(holder) }
    expect { hold(a) }.to raise_error(late)
  end

  it "know holders by identity" do
    hold("same".dup)
    hold("same".dup)
    expect(slots.size).to eq(2)
  end

  it "are given to those who wait, one for each that is given back" do
    first = holders(2).each { |holder| hold(holder) }
    served = Queue.new
    waiting = Array.new(4) { Thread.new { Object.new.then { |holder| hold(holder, 60) || served.push(holder) } } }
    Thread.pass until waiting.all?(&:stop?)
    first.each { |holder| slots.release(holder) }
    two = Array.new(2) { served.pop }
    expect([slots.size, served.size]).to eq([2, 0])
    two.each { |holder| slots.release(holder) }
    waiting.each(&:join)
    expect([slots.size, served.size]).to eq([2, 2])
  end

  it "are never more, however many threads there are" do
    running = Queue.new
    most = Array.new(8) do
      Thread.new do
        Array.new(500) do
          holder = Object.new
          hold(holder, 60)
          running.push(1)
          seen = running.size
          Thread.pass
          running.pop
          slots.release(holder)
          seen
        end.max
      end
    end.map(&:value).max
    expect(most).to be_between(1, 2)
    expect(slots.size).to eq(0)
  end

  it "are not taken by a thread that was killed while it waited" do
    first = holders(2).each { |holder| hold(holder) }
    thread = Thread.new { hold(Object.new, 60) }
    Thread.pass until thread.stop?
    thread.kill.join
    first.each { |holder| slots.release(holder) }
    expect(slots.size).to eq(0)
    holders(2).each { |holder| hold(holder) }
  end

  { false => "true", true => "false" }.each do |leaky, free|
    it "of the parent process are #{leaky ? 'taken' : 'free'} in its child#{' where they stand for memory' if leaky}" do
      expect(output_of(<<~RUBY)).to eq(free)
        slots = Wasmtime::Plugin.const_get(:Slots).new(1, leaky: #{leaky})
        slots.hold(held = Object.new, 0) { exit!(false) }
        waiting = Thread.new { slots.hold(Object.new, 60) { nil } }
        Thread.pass until waiting.stop?
        fork do
          slots.hold(Object.new, 0) { throw :late, puts(false) }
          puts true
        rescue UncaughtThrowError
          nil
        end
        Process.wait
      RUBY
    end
  end
end
