# frozen_string_literal: true

RSpec.describe Wasmtime::Component::Func do
  let(:instance) { ShapeGuests.instance }
  let(:distance) { instance.get_func("get-distance") }
  let(:wait) { instance.get_func("wait") }

  describe "#call" do
    it "takes arguments in order, by name, or those left out by name" do
      expect([distance.call(1, 5), distance.call(from_x: 1, to_x: 5), distance.call(to_x: 5, from_x: 1), distance.call(1, to_x: 5)]).to all(eq(4))
      expect(instance.get_func("nothing").call).to be_nil
    end

    it "counts arguments" do
      { [] => 0, [1] => 1, [1, 2, 3] => 3, [{ from_x: 1, to_x: 2 }] => 1 }.each do |args, count|
        expect { distance.call(*args) }.to raise_error(ArgumentError, "wrong number of arguments (given #{count}, expected 2)")
      end
      expect { instance.get_func("nothing").call(nil) }.to raise_error(ArgumentError, "wrong number of arguments (given 1, expected 0)")
      expect { distance.call(1, timeout: 5) }.to raise_error(ArgumentError, "wrong number of arguments (given 1, expected 2)")
    end

    it "says which argument is missing by name, or given twice" do
      expect { distance.call(to_x: 5) }.to raise_error(ArgumentError, 'missing argument "from_x"')
      expect { distance.call(1, from_x: 5) }
        .to raise_error(ArgumentError, "unknown keyword: :from_x (to pass a Hash as a value, write it in braces)")
      expect { distance.call(1, 2, nope: 5) }
        .to raise_error(ArgumentError, "unknown keyword: :nope (to pass a Hash as a value, write it in braces)")
    end

    it "says which value does not fit, in either way of giving it" do
      expect { distance.call("1", 2) }.to raise_error(TypeError, 'argument "from-x": expected s32, got "1"')
      expect { distance.call(from_x: 1, to_x: nil) }.to raise_error(TypeError, 'argument "to-x": expected s32, got nil')
      expect { distance.call(1, 2**31) }
        .to raise_error(RangeError, 'argument "to-x": expected s32 (-2147483648..2147483647), got 2147483648: too big')
      expect(distance.call(1, 2)).to eq(1)
    end

    it "does not change the Hash of keywords" do
      given = { from_x: 1, to_x: 5, timeout: 5 }
      expect([distance.call(**given), given]).to eq([4, { from_x: 1, to_x: 5, timeout: 5 }])
    end

    it "ends in time, and the limit is for one call" do
      expect { instance.get_func("forever").call(timeout: 0.05) }
        .to raise_error(an_instance_of(Wasmtime::TimeoutError), "the call did not end within its timeout")
      fresh = ShapeGuests.instance.get_func("get-distance")
      expect([fresh.call(1, 2, timeout: 5), fresh.call(1, 3, timeout: nil), fresh.call(1, 4)]).to eq([1, 2, 3])
    end

    it "runs with the GVL or without" do
      expect(%i[release hold].map { |gvl| distance.call(1, 2, gvl: gvl) }).to eq([1, 1])
      looping = ShapeGuests.instance.get_func("forever")
      thread = Thread.new { looping.call(timeout: 10, gvl: :release) }
      sleep 0.02
      expect(thread.kill.join(5)).to equal(thread)
    end

    it "refuses options that make no sense" do
      expect { distance.call(1, 2, timeout: "5") }.to raise_error(TypeError, "timeout: expected a number of seconds, got String")
      expect { distance.call(1, 2, timeout: 0) }.to raise_error(ArgumentError, "timeout: expected more than 0 seconds, got 0")
      expect { distance.call(1, 2, gvl: :drop) }.to raise_error(ArgumentError, "gvl: expected :release, :hold or nil, got :drop")
    end

    it "takes parameters with the names of options for parameters, until they are given" do
      expect([wait.call(timeout: 7, gvl: 1), wait.call(7, gvl: 1)]).to eq([7, 7])
      expect(wait.call(7, 1, timeout: 5, gvl: :release)).to eq(7)
      expect { wait.call(7, gvl: :release) }.to raise_error(TypeError, 'argument "gvl": expected s32, got :release')
      expect { wait.call(timeout: 7) }.to raise_error(ArgumentError, 'missing argument "gvl"')
    end

    it "says that an earlier call went wrong" do
      expect { instance.get_func("trap").call }.to raise_error(an_instance_of(Wasmtime::Trap), /unreachable/)
      expect { distance.call(1, 2) }.to raise_error(Wasmtime::Trap, /unusable/) { |e| expect(e.code).to eq(:cannot_enter_component) }
    end
  end

  it "has a type, its parameters by name, and a result" do
    expect(distance.type).to be_a(Wasmtime::Component::FuncType).and equal(distance.type)
    expect(distance).to have_attributes(params: { "from-x" => :s32, "to-x" => :s32 }, result: :s32, arity: 2)
    expect(instance.get_func("nothing")).to have_attributes(params: {}, result: nil, arity: 0)
    expect(distance.type).to eq(instance.component.exports["get-distance"])
    expect([distance.params, distance.type]).to all(be_frozen)
  end

  it "has its instance and its store, the objects themselves" do
    expect(distance.instance).to equal(instance)
    expect(distance.store).to equal(instance.store)
  end

  describe "#with" do
    it "gives another function with the same type, instance and name" do
      other = distance.with(bytes: :string)
      expect(other).not_to equal(distance)
      expect([other.type, other.call(1, to_x: 5), other.instance.equal?(instance)]).to eq([distance.type, 4, true])
    end

    it "needs to be told something it knows" do
      expect { distance.with }.to raise_error(ArgumentError, "missing keyword: :bytes")
      expect { distance.with(bytes: "string") }.to raise_error(ArgumentError, 'bytes: expected :string or :array, got "string"')
    end
  end

  describe "#to_proc" do
    it "is a lambda, the same object each time" do
      lambda = distance.to_proc
      expect([lambda.lambda?, lambda.equal?(distance.to_proc)]).to eq([true, true])
      expect([lambda.call(1, 5), lambda.call(1, to_x: 5), [3, 4].each_with_index.map(&distance)]).to eq([4, 4, [-3, -3]])
      expect { [[1, 2]].map(&distance) }.to raise_error(ArgumentError, "wrong number of arguments (given 1, expected 2)")
    end

    it "keeps its function, instance and store" do
      lambda = ShapeGuests.instance.get_func("get-distance").to_proc
      3.times { GC.start }
      expect(lambda.call(1, 2)).to eq(1)
    end
  end

  it "shows its type, as long as it can be known" do
    expect(distance.inspect).to eq("#<Wasmtime::Component::Func func(from-x: s32, to-x: s32) -> s32>")
    instance.store.close
    expect(distance.inspect).to eq("#<Wasmtime::Component::Func func(from-x: s32, to-x: s32) -> s32>")
    other = ShapeGuests.instance
    func = other.get_func("nothing").tap { other.store.close }
    expect(func.inspect).to eq("#<Wasmtime::Component::Func (store closed or busy)>")
  end

  it "raises when its store is closed" do
    func = instance.get_func("nothing")
    distance
    instance.store.close
    [-> { func.call }, func.to_proc, -> { distance.call(from_x: 1, to_x: 2) }, -> { distance.type }].each do |use|
      expect { use.call }.to raise_error(an_instance_of(Wasmtime::StoreClosedError), "Wasmtime::Store is closed")
    end
    expect(func.store).to equal(instance.store)
  end

  it "is made by instances alone, and not copied" do
    expect { described_class.new }.to raise_error(NoMethodError, /private method `new'/)
    expect { described_class.allocate }.to raise_error(TypeError)
    expect { distance.dup }.to raise_error(TypeError)
  end
end
