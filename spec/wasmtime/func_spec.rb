# frozen_string_literal: true

RSpec.describe Wasmtime::Func do
  let(:engine) { Wasmtime::Engine.default }
  let(:store) { Wasmtime::Store.new(engine) }
  let(:double) { func([:i32], [:i32]) { |_caller, n| n * 2 } }

  def func(params, results, &)
    described_class.new(store, params, results, &)
  end

  # A function that gives back what it gets.
  def identity(type)
    func([type], [type]) { |_caller, value| value }
  end

  def result(types, value)
    func([], types) { value }.call
  end

  def wasm(wat, imports = [], engine: self.engine)
    Wasmtime::Instance.new(store, Wasmtime::Module.new(engine, wat), imports)
  end

  describe ".new" do
    it "makes a function of a block, which gets the Caller and the arguments" do
      expect(double.call(21)).to eq(42)
      seen = nil
      func(%i[i32 f64], []) { |*args| seen = args }.call(1, 2.5)
      expect(seen).to match([an_instance_of(Wasmtime::Caller), 1, 2.5])
    end

    it "takes a lambda or a Method, with their own rules" do
      expect(func([:i32], [:i32], &->(_caller, n) { n + 1 }).call(1)).to eq(2)
      expect { func([:i32], [:i32], &->(n) { n }).call(1) }
        .to raise_error(ArgumentError, "wrong number of arguments (given 2, expected 1)")
      expect(func([], [:i32], &:object_id).type).to eq(Wasmtime::FuncType.new([], [:i32]))
    end

    it "takes ValType objects and what converts to an Array" do
      list = Class.new { def to_ary = [Wasmtime::ValType.new(:i32)] }.new
      expect(func(list, list) { |_, n| n }.type).to eq(Wasmtime::FuncType.new([:i32], [:i32]))
    end

    it "needs a block" do
      expect { described_class.new(store, [], []) }.to raise_error(ArgumentError, "no block given")
    end

    it "refuses what is no type" do
      expect { func([:x], []) {} }.to raise_error(
        ArgumentError,
        "invalid WebAssembly type, expected one of [:i32, :i64, :f32, :f64, :v128, :funcref, :externref, :anyref, :eqref, :i31ref, " \
        ":structref, :arrayref, :exnref, :nullref, :nullfuncref, :nullexternref, :nullexnref], got :x"
      )
      expect { func(["i32"], []) {} }.to raise_error(TypeError, "no implicit conversion of String into Symbol")
      expect { func(nil, []) {} }.to raise_error(TypeError, "no implicit conversion of nil into Array")
      expect { func([], :i32) {} }.to raise_error(TypeError, "no implicit conversion of Symbol into Array")
    end

    it "refuses what is no store" do
      expect { described_class.new(nil, [], []) {} }.to raise_error(TypeError, "no implicit conversion of NilClass into Wasmtime::Store")
    end

    it "makes objects that cannot be copied" do
      expect { double.dup }.to raise_error(TypeError)
      expect { described_class.allocate }.to raise_error(TypeError)
    end
  end

  describe "integers" do
    { i32: 32, i64: 64 }.each do |type, bits|
      it "fit #{type} from -2**#{bits - 1} to 2**#{bits}-1, and come back signed" do
        same = identity(type)
        expect([0, -1, (2**(bits - 1)) - 1, -(2**(bits - 1))].map { |n| same.call(n) })
          .to eq([0, -1, (2**(bits - 1)) - 1, -(2**(bits - 1))])
        expect(same.call(2**(bits - 1))).to eq(-(2**(bits - 1)))
        expect(same.call((2**bits) - 1)).to eq(-1)
      end

      [2**bits, -(2**(bits - 1)) - 1, 2**128, -(2**128), 2**300].each do |number|
        it "do not fit #{type} when they are #{number.abs < 2**65 ? number : "#{number.bit_length} bits long, #{number <=> 0}"}" do
          expect { identity(type).call(number) }.to raise_error(
            RangeError, "integer #{number} out of range for #{type} (expected -2**#{bits - 1}..2**#{bits}-1) (param at index 0)"
          )
        end
      end

      it "are what to_int gives, for #{type}" do
        number = Class.new { def to_int = 7 }.new
        expect(identity(type).call(number)).to eq(7)
        expect([1.9, -1.9, 2r].map { |n| identity(type).call(n) }).to eq([1, -1, 2])
      end

      it "are not nil, Strings or NaN, for #{type}" do
        same = identity(type)
        expect { same.call(nil) }.to raise_error(TypeError, "no implicit conversion of nil into Integer (param at index 0)")
        expect { same.call("1") }.to raise_error(TypeError, "no implicit conversion of String into Integer (param at index 0)")
        expect { same.call(true) }.to raise_error(TypeError, "no implicit conversion of true into Integer (param at index 0)")
        expect { same.call(Float::NAN) }.to raise_error(FloatDomainError, "NaN (param at index 0)")
        expect { same.call(Float::INFINITY) }.to raise_error(FloatDomainError, "Infinity (param at index 0)")
      end
    end

    it "name the parameter that is wrong" do
      sum = func(%i[i32 i32 i64], []) {}
      expect { sum.call(1, 2**40, 3) }.to raise_error(RangeError, /out of range for i32 .* \(param at index 1\)\z/)
      expect { sum.call(1, 2, "3") }.to raise_error(TypeError, /\(param at index 2\)\z/)
    end

    it "pass what to_int itself raises, as the same object" do
      error = IOError.new("mine")
      number = Object.new
      number.define_singleton_method(:to_int) { raise error }
      expect { double.call(number) }.to raise_error(error.class) { |e| expect(e).to equal(error) }
    end
  end

  describe "floats" do
    it "are any Numeric" do
      expect([1, 1.5, 1r / 4, 2**70].map { |n| identity(:f64).call(n) }).to eq([1.0, 1.5, 0.25, (2**70).to_f])
      expect([1, 1.5, 1r / 4].map { |n| identity(:f32).call(n) }).to eq([1.0, 1.5, 0.25])
      expect(identity(:f64).call(-0.0).to_s).to eq("-0.0")
      expect(identity(:f64).call(Float::NAN)).to be_nan
      expect(identity(:f32).call(Float::NAN)).to be_nan
    end

    it "are rounded for f32, and infinite when they are too large" do
      expect(identity(:f32).call(0.1)).to eq([0.1].pack("e").unpack1("e"))
      expect(identity(:f32).call(1e300)).to eq(Float::INFINITY)
      expect(identity(:f32).call(-(2**200))).to eq(-Float::INFINITY)
    end

    it "are not nil or Strings" do
      expect { identity(:f64).call(nil) }.to raise_error(TypeError, "can't convert nil into Float (param at index 0)")
      expect { identity(:f32).call("1") }.to raise_error(TypeError, "can't convert String into Float (param at index 0)")
    end
  end

  describe "externref" do
    it "is any Ruby object, the same one" do
      [Object.new, "text", :symbol, 1, 1.5, true, false, { a: 1 }, Class].each { |object| expect(identity(:externref).call(object)).to equal(object) }
      basic = BasicObject.new
      expect(identity(:externref).call(basic).__id__).to eq(basic.__id__)
    end

    it "is null for nil" do
      expect(identity(:externref).call(nil)).to be_nil
      test = wasm('(module (func (export "null?") (param externref) (result i32) local.get 0 ref.is_null))').export("null?")
      expect([nil, false, 0].map { |value| test.call(value) }).to eq([1, 0, 0])
    end

    it "may be many at once" do
      types = [:externref] * 12
      objects = Array.new(12) { Object.new }
      expect(func(types, types) { |_caller, *args| args }.call(*objects)).to match(objects.map { |object| equal(object) })
    end

    it "survives garbage collection while the guest holds it" do
      guest = wasm(<<~WAT)
        (module (table $t 50 externref)
          (func (export "set") (param i32 externref) local.get 0 local.get 1 table.set $t)
          (func (export "get") (param i32) (result externref) local.get 0 table.get $t))
      WAT
      50.times { |i| guest.invoke("set", i, "object #{i}") }
      GC.start
      GC.compact if GC.respond_to?(:compact)
      expect(Array.new(50) { |i| guest.invoke("get", i) }).to eq(Array.new(50) { |i| "object #{i}" })
    end

    it "is unwrapped from an Array when a block returns one" do
      array = [1, 2]
      expect(result([:externref], [array])).to equal(array)
      expect { result([:externref], array) }.to raise_error(Wasmtime::ResultError, /\Awrong number of results \(given 2, expected 1\)/)
    end
  end

  describe "funcref" do
    it "is a Func or nil" do
      expect(identity(:funcref).call(double)).to eq(double)
      expect(identity(:funcref).call(double).call(4)).to eq(8)
      expect(identity(:funcref).call(nil)).to be_nil
    end

    it "is nothing else" do
      expect { identity(:funcref).call(1) }.to raise_error(TypeError, "no implicit conversion of Integer into Wasmtime::Func (param at index 0)")
      expect { identity(:funcref).call(-> {}) }.to raise_error(TypeError, "no implicit conversion of Proc into Wasmtime::Func (param at index 0)")
    end

    it "belongs to the same store" do
      other = described_class.new(Wasmtime::Store.new(engine), [], []) {}
      expect { identity(:funcref).call(other) }.to raise_error(
        an_instance_of(Wasmtime::Error), "argument type mismatch: the function belongs to another store (param at index 0)"
      )
      message = /\Ainvalid result at index 0: function attempted to return an incompatible value: the function belongs to another store in #<Proc/
      expect { result([:funcref], other) }.to raise_error(Wasmtime::ResultError, message)
    end

    it "is not nil where the type says so" do
      strict = func([Wasmtime::ValType.new(:func, nullable: false)], []) {}
      expect { strict.call(nil) }.to raise_error(TypeError, "nil given for a non-null function reference (param at index 0)")
      expect(strict.call(double)).to be_nil
      strict = func([Wasmtime::ValType.new(:extern, nullable: false)], []) {}
      expect { strict.call(nil) }.to raise_error(TypeError, "nil given for a non-null externref (param at index 0)")
      expect(strict.call(1)).to be_nil
    end

    it "has the type a module asks for" do
      guest = wasm(<<~WAT)
        (module (type $t (func (param i32) (result i32)))
          (func (export "call") (param (ref $t)) (result i32) i32.const 5 local.get 0 call_ref $t))
      WAT
      expect(guest.invoke("call", double)).to eq(10)
      expect { guest.invoke("call", func([], []) {}) }.to raise_error(Wasmtime::Error, /argument type mismatch/)
    end
  end

  describe "#call" do
    it "returns nil, the value, or an Array of several" do
      guest = wasm(<<~WAT)
        (module (func (export "none")) (func (export "one") (result f32) f32.const 0.5)
          (func (export "two") (result i32 i64) i32.const 1 i64.const -2))
      WAT
      expect(%w[none one two].map { |name| guest.export(name).call }).to eq([nil, 0.5, [1, -2]])
    end

    it "takes many parameters and results" do
      types = [:i32] * 20
      expect(func(types, types) { |_caller, *args| args.reverse }.call(*1..20)).to eq((1..20).to_a.reverse)
      expect(func([:i64] * 9, [:i64]) { |_caller, *args| args.sum }.call(*1..9)).to eq(45)
    end

    it "counts its arguments" do
      expect { double.call }.to raise_error(ArgumentError, "wrong number of arguments (given 0, expected 1)")
      expect { double.call(1, 2) }.to raise_error(ArgumentError, "wrong number of arguments (given 2, expected 1)")
    end

    it "takes a Hash in braces as a value, and keywords as call options only" do
      expect(identity(:externref).call({ a: 1 })).to eq(a: 1)
      expect(identity(:externref).call({})).to eq({})
      hash = { a: 1 }
      expect(identity(:externref).call(hash)).to equal(hash)
      expect { identity(:externref).call(a: 1) }
        .to raise_error(ArgumentError, "unknown keyword: :a (to pass a Hash as a value, write it in braces)")
      expect { double.call(1, b: 1, "c" => 2) }
        .to raise_error(ArgumentError, 'unknown keyword: :b, "c" (to pass a Hash as a value, write it in braces)')
      expect { double.call(1, **{}) }.not_to raise_error
    end

    it "may be nested: host, guest, host" do
      depth = []
      guest = nil
      down = func([:i32], [:i32]) { |_caller, n| (depth << n) && (n.zero? ? 0 : guest.invoke("down", n - 1) + 1) }
      guest = wasm('(module (import "" "down" (func $d (param i32) (result i32))) (func (export "down") (param i32) (result i32) ' \
                   "local.get 0 call $d))", [down])
      expect(guest.invoke("down", 20)).to eq(20)
      expect(depth).to eq(20.downto(0).to_a)
    end

    it "raises when the native stack is used up, and works afterwards" do
      endless = func([], []) { endless.call }
      expect { endless.call }.to raise_error(Wasmtime::StoreError, /native stack|stack level/)
      expect(double.call(2)).to eq(4)
    end
  end

  describe "results of a block" do
    it "are ignored when there are none" do
      expect(result([], Object.new)).to be_nil
    end

    it "may be one value, alone or in an Array" do
      expect(result([:i32], 1)).to eq(1)
      expect(result([:i32], [1])).to eq(1)
    end

    it "are an Array when there are several" do
      expect(result(%i[i32 f64], [1, 2.5])).to eq([1, 2.5])
    end

    it "are counted" do
      [[[:i32], [1, 2], 2], [[:i32], [], 0], [%i[i32 i32], 1, 1], [%i[i32 i32], nil, 0], [%i[i32 i32], [1, 2, 3], 3]].each do |types, value, given|
        expect { result(types, value) }.to raise_error(
          an_instance_of(Wasmtime::ResultError)
            .and(have_attributes(message: /\Awrong number of results \(given #{given}, expected #{types.size}\) in #<Proc:0x.*func_spec\.rb:\d+>\z/))
        )
      end
    end

    it "name block and index when they do not fit" do
      proc_text = /in #<Proc:0x.*func_spec\.rb:\d+>\z/
      expect { result([:i32], nil) }
        .to raise_error(Wasmtime::ResultError, /\Ainvalid result at index 0: no implicit conversion of nil into Integer #{proc_text}/)
      expect { result(%i[i32 i32], [1, "2"]) }
        .to raise_error(Wasmtime::ResultError, /\Ainvalid result at index 1: no implicit conversion of String into Integer #{proc_text}/)
      expect { result([:i32], 2**32) }
        .to raise_error(Wasmtime::ResultError, /\Ainvalid result at index 0: integer 4294967296 out of range for i32 .* #{proc_text}/)
      expect { result([:funcref], 1) }
        .to raise_error(Wasmtime::ResultError, /\Ainvalid result at index 0: no implicit conversion of Integer into Wasmtime::Func #{proc_text}/)
    end

    it "are refused when the guest calls, too" do
      guest = wasm('(module (import "" "f" (func $f (result i32))) (func (export "run") (result i32) call $f))', [func([], [:i32]) { "x" }])
      expect { guest.invoke("run") }.to raise_error(Wasmtime::ResultError, /\Ainvalid result at index 0/)
    end
  end

  describe "an exception in a block" do
    let(:error) { Class.new(StandardError).new("mine") }
    let(:guest) do
      raising = func([], []) { raise error }
      wasm('(module (import "" "f" (func $f)) (func (export "run") call $f) (func (export "ok") (result i32) i32.const 1))', [raising])
    end

    it "leaves call as the same object" do
      expect { func([], []) { raise error }.call }.to raise_error(error.class) { |e| expect(e).to equal(error) }
      expect { guest.invoke("run") }.to raise_error(error.class) { |e| expect(e).to equal(error) }
      expect { guest.export("run").call }.to raise_error(error.class) { |e| expect(e).to equal(error) }
      expect { guest.export("run").to_func(gvl: false).call }.to raise_error(error.class) { |e| expect(e).to equal(error) }
    end

    it "keeps its backtrace, and the store can be used afterwards" do
      expect { guest.invoke("run") }.to raise_error(error.class) { |e| expect(e.backtrace.first).to match(/func_spec\.rb/) }
      expect(guest.invoke("ok")).to eq(1)
    end

    it "may be any Exception" do
      [StopIteration, NotImplementedError, Interrupt, SecurityError].each do |kind|
        error = kind.new("x")
        expect { func([], []) { raise error }.call }.to raise_error(kind) { |e| expect(e).to equal(error) }
      end
      expect { func([], []) { exit 3 }.call }.to raise_error(SystemExit) { |e| expect(e.status).to eq(3) }
    end

    it "passes several layers of guests" do
      outer = wasm('(module (import "" "f" (func $f)) (func (export "run") call $f))', [func([], []) { guest.invoke("run") }])
      expect { outer.invoke("run") }.to raise_error(error.class) { |e| expect(e).to equal(error) }
    end

    it "can be rescued by a block on the way" do
      rescuing = func([], [:i32]) do
        guest.invoke("run")
      rescue StandardError => e
        e.equal?(error) ? 7 : 0
      end
      expect(rescuing.call).to eq(7)
    end

    it "runs ensure blocks on the way" do
      log = []
      inner = func([], []) do
        raise error
      ensure
        log << :ensured
      end
      expect { inner.call }.to raise_error(error.class)
      expect(log).to eq([:ensured])
    end
  end

  describe "jumps out of a block" do
    def looper(&)
      wasm('(module (import "" "f" (func $f (result i32))) (func (export "run") (result i32) call $f))', [func([], [:i32], &)]).export("run")
    end

    it "next gives the result" do
      expect(looper { next 3 }.call).to eq(3)
    end

    it "throw goes to its catch" do
      expect(catch(:done) { looper { throw :done, 4 }.call }).to eq(4)
      expect(catch(:done) { looper { throw :done, 5 }.to_func(gvl: false).call }).to eq(5)
      expect { looper { throw :nobody }.call }.to raise_error(UncaughtThrowError)
    end

    it "break raises, because Func.new has returned" do
      expect { looper { break 5 }.call }.to raise_error(LocalJumpError, "break from proc-closure")
    end

    it "return returns from the method around it" do
      def returning
        looper { return 6 }.call
        7
      end
      expect(returning).to eq(6)
    end

    it "leave the store usable" do
      3.times { catch(:done) { looper { throw :done }.call } }
      expect(double.call(2)).to eq(4)
    end
  end

  describe "its type" do
    let(:pair) { func(%i[i32 f64], %i[i64 externref]) {} }

    it "is told in parts and as a whole" do
      expect(pair).to have_attributes(params: %i[i32 f64], results: %i[i64 externref], arity: 2)
      expect(pair.type).to eq(Wasmtime::FuncType.new(%i[i32 f64], %i[i64 externref]))
      expect(pair.inspect).to eq("#<Wasmtime::Func (func (param i32 f64) (result i64 externref))>")
    end

    it "comes from the module for exports" do
      run = wasm('(module (func (export "run") (param (ref func)) (result f32) f32.const 0))').export("run")
      expect(run.params).to eq([Wasmtime::ValType.new(:func, nullable: false)])
      expect(run.results).to eq([:f32])
    end
  end

  describe "#to_proc" do
    it "is a lambda, the same object each time" do
      lambda = double.to_proc
      expect(lambda).to be_lambda
      expect(double.to_proc).to equal(lambda)
      expect([1, 2, 3].map(&double)).to eq([2, 4, 6])
    end

    it "survives garbage collection" do
      double.to_proc
      GC.start
      expect(double.to_proc.call(3)).to eq(6)
    end
  end

  describe "equality" do
    it "means the same function of the same store" do
      table = Wasmtime::Table.new(store, :funcref, double, min_size: 1)
      expect(table.get(0)).to eq(double).and eql(double)
      expect(table.get(0)).not_to equal(double)
      expect(table.get(0).hash).to eq(double.hash)
      expect(double).not_to eq(func([:i32], [:i32]) { 1 })
      expect([double == 1, double.eql?(double.to_proc)]).to eq([false, false])
    end
  end

  describe "#store" do
    it "is the Store object itself" do
      expect(double.store).to equal(store)
    end
  end

  describe "with a closed store" do
    before { store.close }

    it "raises when it is called" do
      closed = Wasmtime::Store.new(engine)
      same = described_class.new(closed, [:i32], [:i32]) { |_caller, n| n }
      same.call(1)
      lambda = same.to_proc
      closed.close
      expect { same.call(1) }.to raise_error(an_instance_of(Wasmtime::StoreClosedError), "Wasmtime::Store is closed")
      expect { lambda.call(1) }.to raise_error(an_instance_of(Wasmtime::StoreClosedError), "Wasmtime::Store is closed")
    end

    it "raises when it is asked for its type, and still has a store, a hash and an inspect" do
      closed = Wasmtime::Store.new(engine)
      same = described_class.new(closed, [:i32], [:i32]) { |_caller, n| n }
      closed.close
      %i[params results arity type].each do |name|
        expect { same.public_send(name) }.to raise_error(an_instance_of(Wasmtime::StoreClosedError), "Wasmtime::Store is closed")
      end
      expect(same.store).to equal(closed)
      expect(same.hash).to be_an(Integer)
      expect(same).to eq(same)
      expect(same.inspect).to eq("#<Wasmtime::Func (store closed)>")
    end
  end

  describe "#to_func(gvl: false)" do
    it "is another Func for the same function, which lets other threads run" do
      released = double.to_func(gvl: false)
      expect(released).not_to equal(double)
      expect(released).to eq(double)
      expect(released.call(3)).to eq(6)
      expect(released.to_func(gvl: false)).to equal(released)
      expect(double.to_func(gvl: nil)).not_to equal(double)
      expect(double.to_func).to equal(double)
    end

    it "runs beside other Ruby threads" do
      stop = false
      spin = wasm(<<~WAT, [func([], [:i32]) { stop ? 1 : 0 }]).export("spin").to_func(gvl: false)
        (module (import "" "stop" (func $stop (result i32)))
          (func (export "spin") (local i32)
            (loop $l (local.set 0 (i32.const 0))
              (loop $m (br_if $m (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 1000000))))
              (br_if $l (i32.eqz (call $stop))))))
      WAT
      thread = Thread.new { spin.call }
      Thread.pass until thread.status
      sleep 0.05
      stop = true
      expect(thread.join(10)).to equal(thread)
    end
  end
end
