# frozen_string_literal: true

RSpec.describe Wasmtime::WasmException do
  let(:engine) { Wasmtime::Engine.new(wasm_exceptions: true) }
  let(:store) { Wasmtime::Store.new(engine) }
  let(:guest) do
    instance(<<~WAT)
      (module $m (tag $t (param i32)) (func $throw i32.const 1 throw $t) (func (export "run") call $throw)
        (func (export "caught") (result i32) (block $h (result i32) (try_table (catch $t $h) (call $throw)) (i32.const 0)))
        (func (export "ok") (result i32) i32.const 7))
    WAT
  end

  def instance(wat, imports = [])
    Wasmtime::Instance.new(store, Wasmtime::Module.new(engine, wat), imports)
  end

  it "is what a guest threw and nobody caught" do
    expect { guest.invoke("run") }.to raise_error(an_instance_of(described_class).and(have_attributes(message: "thrown Wasm exception")))
    expect(guest.invoke("caught")).to eq(1)
  end

  it "is no trap" do
    expect(described_class.superclass).to equal(Wasmtime::Error)
  end

  it "has the wasm frames, also in its backtrace", :untyped do
    expect { guest.invoke("run") }.to raise_error(described_class) { |e|
      expect(e.frames.map(&:func_name)).to eq(["throw", nil])
      expect(e.frames).to be_frozen
      expect(e.backtrace.first(2)).to eq(e.frames.map(&:to_s))
      expect(e.backtrace[2]).to match(/wasm_exception_spec\.rb/)
    }
  end

  it "leaves the store usable" do
    3.times { expect { guest.invoke("run") }.to raise_error(described_class) }
    expect(guest.invoke("ok")).to eq(7)
  end

  it "passes host blocks as the same object" do
    inner = nil
    host = Wasmtime::Func.new(store, [], []) do
      guest.invoke("run")
    rescue described_class => e
      inner = e
      raise
    end
    expect { instance('(module (import "" "h" (func $h)) (func (export "run") call $h))', [host]).invoke("run") }
      .to raise_error(described_class) { |e| expect(e).to equal(inner) }
  end

  it "is not what a guest sees of a Ruby exception: that passes its handlers" do
    host = Wasmtime::Func.new(store, [], []) { raise IOError, "mine" }
    catcher = instance(<<~WAT, [host])
      (module (import "" "h" (func $h)) (func (export "run") (result i32) (block $b (try_table (catch_all $b) (call $h)) (return (i32.const 0))) (i32.const 1)))
    WAT
    expect { catcher.invoke("run") }.to raise_error(IOError, "mine")
  end

  it "can be made without frames" do
    expect(described_class.new("x")).to have_attributes(message: "x", frames: [])
    expect(described_class.new.message).to eq("Wasmtime::WasmException")
    expect(described_class.new(payload: [1])).to have_attributes(tag: nil, exnref: nil, payload: [1])
  end

  it "refuses what is no tag, and values that do not fit it" do
    tag = Wasmtime::Tag.new(store, [:i32])
    expect { described_class.new(tag: :t) }.to raise_error(TypeError, "no implicit conversion of Symbol into Wasmtime::Tag")
    expect { described_class.new(tag: tag, payload: []) }.to raise_error(ArgumentError, "wrong number of values (given 0, expected 1)")
    expect { described_class.new(tag: tag, payload: 1) }.to raise_error(TypeError, "no implicit conversion of Integer into Array")
  end

  # The imports "h" "f" and "h" "g" are what the specs set @f and @g to.
  describe "between the guest and Ruby" do
    [false, true].each do |released|
      context(released ? "without the GVL" : "with the GVL") do
        let(:engine) { Wasmtime::Engine.new(wasm_gc: true, wasm_function_references: true, wasm_exceptions: true) }
        let(:store) { Wasmtime::Store.new(engine, gvl: released ? :release : :hold) }
        let(:tag) { Wasmtime::Tag.new(store, %i[i32 externref]) }
        let(:object) { Object.new }
        let(:exception) { tag.exception(7, object) }
        let(:guest) { instance(<<~WAT, { h: { f: -> { @f.call }, g: -> { @g.call }, tag: tag } }) }
          (module $m
            (import "h" "f" (func $f)) (import "h" "g" (func $g)) (import "h" "tag" (tag $t (param i32 externref)))
            (tag $rich (export "rich") (param v128 anyref funcref f32)) (tag $other (export "other"))
            (global $kept (mut exnref) (ref.null exn))
            (func (export "plain") (call $f))
            (func $throw (export "throw") (param i32 externref) (throw $t (local.get 0) (local.get 1)))
            (func $self (export "throw_rich")
              (throw $rich (v128.const i32x4 1 2 3 4) (ref.i31 (i32.const -3)) (ref.func $self) (f32.const -nan:0x200001)))
            (func (export "catch") (result i32 externref)
              (block $b (result i32 externref) (try_table (catch $t $b) (call $f)) (i32.const -1) (ref.null extern)))
            (func (export "catch_other") (result i32)
              (block $b (try_table (catch $other $b) (call $f)) (return (i32.const 0))) (i32.const 1))
            (func (export "catch_all") (result i32)
              (block $b (try_table (catch_all $b) (call $f)) (return (i32.const 0))) (i32.const 1))
            (func (export "rethrow")
              (block $b (result i32 externref exnref) (try_table (catch_ref $t $b) (call $f)) (return)) (throw_ref))
            (func (export "rethrow_all")
              (block $b (result exnref) (try_table (catch_all_ref $b) (call $f)) (return)) (throw_ref))
            (func (export "keep")
              (block $b (result exnref) (try_table (catch_all_ref $b) (call $f)) (return)) (global.set $kept))
            (func (export "throw_kept") (throw_ref (global.get $kept)))
            (func (export "rethrow_after_another") (local $first exnref)
              (local.set $first (block $b (result exnref) (try_table (catch_all_ref $b) (call $f)) (return)))
              (block $c (try_table (catch_all $c) (call $g)))
              (throw_ref (local.get $first))))
        WAT

        def raised_by
          yield
          nil
        rescue Exception => e # rubocop:disable Lint/RescueException
          e
        end

        it "leaves the call with tag, values and frames when nobody catches it" do
          found = raised_by { guest.invoke("throw", 42, object) }
          expect(found).to be_an_instance_of(described_class).and have_attributes(tag: tag, message: "thrown Wasm exception")
          expect(found.payload).to match([42, be(object)]).and be_frozen
          expect(found.frames.map(&:func_name)).to eq(["throw"])
          expect(found.exnref.payload[1]).to equal(object)
        end

        it "carries every kind of value" do
          found = raised_by { guest.invoke("throw_rich") }
          expect(found.tag).to eq(guest.export("rich"))
          vector, number, func, nan = found.payload
          expect([vector, number, func]).to eq([Wasmtime::V128.i32x4(1, 2, 3, 4), -3, guest.export("throw_rich")])
          expect(Wasmtime::FloatBits.f32_bits(nan)).to eq(0xffa0_0001)
        end

        it "keeps tag and values when the store is closed" do
          found = raised_by { guest.invoke("throw", 42, object) }
          store.close
          expect(found.payload).to match([42, be(object)])
          expect(found.tag.store).to equal(store)
          expect { found.exnref.payload }.to raise_error(Wasmtime::StoreClosedError)
        end

        it "is caught by the guest when a block raises it: by its tag, and by catch_all" do
          @f = -> { raise exception }
          expect(guest.invoke("catch")).to match([7, be(object)])
          expect(guest.invoke("catch_all")).to eq(1)
          @f = -> { raise tag, "no number" }
          expect { guest.invoke("catch") }.to raise_error(ArgumentError, "wrong number of values (given 1, expected 2)")
          @f = -> { raise guest.export("other") }
          expect(guest.invoke("catch_other")).to eq(1)
        end

        it "is the very same object outside when nobody catches it, or a handler for another tag is there" do
          @f = -> { raise exception }
          %w[plain catch_other].each { |name| expect(raised_by { guest.invoke(name) }).to equal(exception) }
          expect(exception.backtrace.first).to match(/wasm_exception_spec\.rb/)
          expect(raised_by { Wasmtime::Func.new(store, [], []) { raise exception }.call }).to equal(exception)
        end

        it "is the very same object outside when the guest caught it and throws it again" do
          @f = -> { raise exception }
          %w[rethrow rethrow_all].each { |name| expect(raised_by { guest.invoke(name) }).to equal(exception) }
          guest.invoke("keep")
          expect(raised_by { guest.invoke("throw_kept") }).to equal(exception)
        end

        it "is the very same object also when the guest throws it a second time" do
          @f = -> { raise exception }
          guest.invoke("keep")
          2.times { expect(raised_by { guest.invoke("throw_kept") }).to equal(exception) }
        end

        it "is the very same object also when the guest caught another one meanwhile" do
          @f = -> { raise exception }
          @g = -> { raise tag.exception(8, nil) }
          expect(raised_by { guest.invoke("rethrow_after_another") }).to equal(exception)
        end

        it "is the same exception, at least, when the guest caught another one meanwhile" do
          @f = -> { raise exception }
          @g = -> { raise tag.exception(8, nil) }
          found = raised_by { guest.invoke("rethrow_after_another") }
          expect(found).to have_attributes(tag: tag, payload: [7, object], exnref: exception.exnref)
        end

        it "does not let the guest go on when the call has taken too long" do
          @f = lambda do
            sleep 0.05
            raise exception
          end
          expect { guest.invoke("catch", timeout: 0.01) }.to raise_error(Wasmtime::TimeoutError)
        end

        it "can be of a subclass" do
          kind = Class.new(described_class) { define_method(:initialize) { |tag| super("mine", tag: tag, payload: [5, nil]) } }
          mine = kind.new(tag)
          @f = -> { raise mine }
          expect(guest.invoke("catch")).to eq([5, nil])
          expect(raised_by { guest.invoke("rethrow_all") }).to equal(mine)
        end

        it "passes as plain Ruby exception when its tag is of another store, or when it has none" do
          foreign = Wasmtime::Tag.new(Wasmtime::Store.new(engine), %i[i32 externref]).exception(1, 2)
          [foreign, described_class.new("plain")].each do |plain|
            @f = -> { raise plain }
            %w[catch catch_all rethrow_all].each { |name| expect(raised_by { guest.invoke(name) }).to equal(plain) }
          end
        end

        it "is the only kind that catch_all catches" do
          [IOError.new("mine"), NotImplementedError.new, Interrupt.new, Wasmtime::Trap.allocate].each do |plain|
            @f = -> { raise plain }
            %w[catch_all rethrow_all].each { |name| expect(raised_by { guest.invoke(name) }).to equal(plain) }
          end
          @f = -> { throw :out, 3 }
          expect(catch(:out) { guest.invoke("catch_all") }).to eq(3)
        end

        it "goes through nested calls: out of the guest, through a rescue of Ruby, into the guest again" do
          seen = []
          @f = lambda do
            guest.invoke("throw", 8, object)
          rescue described_class => e
            seen << e
            raise
          end
          expect(guest.invoke("catch")).to match([8, be(object)])
          expect(raised_by { guest.invoke("rethrow") }).to equal(seen.last)
          expect(seen.map(&:payload)).to eq([[8, object]] * 2)
        end

        it "can be replaced or kept on the way" do
          replaced = ->(&block) { -> { guest.invoke("throw", 8, object) rescue block.call } } # rubocop:disable Style/RescueModifier
          @f = replaced.call { raise tag.exception(9, nil) }
          expect(guest.invoke("catch")).to eq([9, nil])
          @f = replaced.call { raise IOError, "instead" }
          expect { guest.invoke("catch_all") }.to raise_error(IOError, "instead")
          @f = replaced.call { nil }
          expect(guest.invoke("catch_all")).to eq(0)
        end

        it "leaves an instantiation whose start function throws" do
          expect { instance("(module (tag $t (param i32)) (func $s (throw $t (i32.const 3))) (start $s))") }
            .to raise_error(described_class) { |e| expect(e.payload).to eq([3]) }
        end
      end
    end
  end
end
