# frozen_string_literal: true

RSpec.describe Wasmtime::AnyRef do
  let(:engine) { Wasmtime::Engine.default }
  let(:store) { Wasmtime::Store.new(engine) }
  let(:object) { Object.new }
  let(:guest) do
    Wasmtime::Instance.new(store, Wasmtime::Module.new(engine, <<~WAT))
      (module
        (global $kept (mut anyref) (ref.null any))
        (func (export "internal") (param externref) (result anyref) (any.convert_extern (local.get 0)))
        (func (export "external") (param anyref) (result externref) (extern.convert_any (local.get 0)))
        (func (export "same") (param anyref) (result anyref) (local.get 0))
        (func (export "i31") (param i31ref) (result i31ref) (local.get 0))
        (func (export "signed") (param i31ref) (result i32) (i31.get_s (local.get 0)))
        (func (export "unsigned") (param i31ref) (result i32) (i31.get_u (local.get 0)))
        (func (export "is_i31") (param anyref) (result i32) (ref.test (ref i31) (local.get 0)))
        (func (export "keep") (param anyref) (global.set $kept (local.get 0)))
        (func (export "kept") (result anyref) (global.get $kept)))
    WAT
  end

  describe ".from_extern" do
    it "makes a host object internal; outside it is itself again" do
      made = described_class.from_extern(store, object)
      expect(made).to be_an_instance_of(described_class)
      expect(made.to_extern).to equal(object)
      expect(guest.invoke("external", made)).to equal(object)
    end

    it "is what any.convert_extern does" do
      made = guest.invoke("internal", object)
      expect(made).to be_an_instance_of(described_class)
      expect(made.to_extern).to equal(object)
      expect([made.type, made.matches?(:anyref), made.matches?(:eqref), made.matches?(:externref)]).to eq([nil, true, false, false])
    end

    it "gives nil for nil, and an object for an Integer" do
      expect(described_class.from_extern(store, nil)).to be_nil
      expect(described_class.from_extern(store, 5)).to be_an_instance_of(described_class)
      expect(described_class.from_extern(store, 5).to_extern).to eq(5)
      expect(guest.invoke("is_i31", described_class.from_extern(store, 5))).to eq(0)
    end

    it "gives what an ExternRef wraps" do
      struct = Wasmtime::StructRef.new(store, Wasmtime::StructType.new(engine, []), [])
      expect(described_class.from_extern(store, struct.to_extern)).to eq(struct)
      expect(described_class.from_extern(store, guest.invoke("external", 7))).to eq(7)
    end

    it "takes a reference that is no ExternRef as the Ruby object it is" do
      struct = Wasmtime::StructRef.new(store, Wasmtime::StructType.new(engine, []), [])
      made = described_class.from_extern(store, struct)
      expect(made).to be_an_instance_of(described_class)
      expect(made.to_extern).to equal(struct)
    end

    it "refuses an ExternRef of another store" do
      foreign = guest.invoke("external", 1)
      expect { described_class.from_extern(Wasmtime::Store.new(engine), foreign) }
        .to raise_error(an_instance_of(Wasmtime::Error), /the reference belongs to another store/)
    end

    it "needs an open store, and a collector" do
      expect { described_class.from_extern(nil, 1) }.to raise_error(TypeError, "no implicit conversion of NilClass into Wasmtime::Store")
      store.close
      expect { described_class.from_extern(store, 1) }.to raise_error(an_instance_of(Wasmtime::StoreClosedError), "Wasmtime::Store is closed")
      bare = Wasmtime::Store.new(Wasmtime::Engine.new(gc_support: false))
      expect { described_class.from_extern(bare, 1) }.to raise_error(
        an_instance_of(Wasmtime::Error), "externref values need the engine option gc_support: true (and the Cranelift strategy)"
      )
    end
  end

  describe "numbers" do
    it "are Integers, signed when they come back" do
      numbers = [0, 1, -1, -(2**30), (2**30) - 1, 2**30, (2**31) - 1]
      expected = [0, 1, -1, -(2**30), (2**30) - 1, -(2**30), -1]
      %w[same i31 signed].each { |name| expect(numbers.map { |number| guest.invoke(name, number) }).to eq(expected) }
      expect(guest.invoke("unsigned", -1)).to eq((2**31) - 1)
      expect(guest.invoke("unsigned", 2**30)).to eq(2**30)
    end

    it "have 31 bits" do
      [-(2**30) - 1, 2**31, 2**64].each do |number|
        %w[same i31].each do |name|
          expect { guest.invoke(name, number) }
            .to raise_error(RangeError, "integer #{number} out of range for i31 (expected -1073741824..2147483647) (param at index 0)")
        end
      end
    end

    it "are Integers only" do
      expect { guest.invoke("same", 1.0) }.to raise_error(TypeError, "no implicit conversion of Float into anyref (param at index 0)")
      expect { guest.invoke("i31", "1") }.to raise_error(TypeError, "no implicit conversion of String into i31ref (param at index 0)")
      expect { guest.invoke("same", true) }.to raise_error(TypeError, "no implicit conversion of TrueClass into anyref (param at index 0)")
    end
  end

  it "keeps the host object while only the guest holds it" do
    id = Thread.new { Object.new.tap { |made| guest.invoke("keep", described_class.from_extern(store, made)) }.object_id }.value
    5.times do
      GC.start
      store.gc
    end
    expect(guest.invoke("kept").to_extern.object_id).to eq(id)
  end

  it "does without a collector as long as everything is null" do
    bare = Wasmtime::Store.new(Wasmtime::Engine.new(gc_support: false))
    echo = Wasmtime::Func.new(bare, %i[anyref exnref], %i[anyref exnref]) { |_, *given| given }
    expect(echo.call(nil, nil)).to eq([nil, nil])
    expect { echo.call(1, nil) }.to raise_error(
      an_instance_of(Wasmtime::Error), "i31ref values need the engine option gc_support: true (and the Cranelift strategy)"
    )
  end
end
