# frozen_string_literal: true

RSpec.describe Wasmtime::ExternRef do
  let(:engine) { Wasmtime::Engine.default }
  let(:store) { Wasmtime::Store.new(engine) }
  let(:struct) { Wasmtime::StructRef.new(store, Wasmtime::StructType.new(engine, [Wasmtime::FieldType.var(:i32)]), [7]) }
  let(:guest) { echo_of(store) }

  def echo_of(store)
    Wasmtime::Instance.new(store, Wasmtime::Module.new(engine, <<~WAT))
      (module
        (global (export "kept") (mut externref) (ref.null extern))
        (table (export "table") 1 externref)
        (func (export "external") (param anyref) (result externref) (extern.convert_any (local.get 0)))
        (func (export "internal") (param externref) (result anyref) (any.convert_extern (local.get 0)))
        (func (export "same") (param externref) (result externref) (local.get 0))
        (func (export "checked") (param externref (ref null eq)) (result externref) (local.get 0)))
    WAT
  end

  it "wraps what the guest makes external" do
    made = guest.invoke("external", struct)
    expect(made).to be_an_instance_of(described_class)
    expect([made.to_any == struct, made.to_any[0], made.type]).to eq([true, 7, nil])
    expect([made.matches?(:externref), made.matches?(:anyref)]).to eq([true, false])
    expect(guest.invoke("external", -5).to_any).to eq(-5)
    expect(guest.invoke("external", nil)).to be_nil
  end

  it "is what a reference is from outside" do
    expect(struct.to_extern).to be_an_instance_of(described_class)
    expect(struct.to_extern).to eq(guest.invoke("external", struct))
    expect(struct.to_extern.to_any).to eq(struct)
  end

  it "passes through the guest as what it wraps, on every path" do
    made = struct.to_extern
    expect(guest.invoke("internal", made)).to eq(struct)
    expect(guest.invoke("same", made)).to eq(made)
    expect(guest.invoke("checked", made, nil)).to eq(made)
    guest.export("kept").set(made)
    guest.export("table")[0] = made
    expect([guest.export("kept").get, guest.export("table")[0]]).to eq([made, made])
    expect(Wasmtime::Func.new(store, [:externref], [:externref]) { |_, given| given }.call(made)).to eq(made)
  end

  it "is no wrapper of host objects: they are themselves" do
    object = Object.new
    expect(guest.invoke("same", object)).to equal(object)
    expect(guest.invoke("checked", object, nil)).to equal(object)
    expect(guest.invoke("same", struct)).to equal(struct)
  end

  describe "of another store" do
    let(:foreign) { echo_of(Wasmtime::Store.new(engine)).invoke("external", 1) }
    let(:refused) { raise_error(an_instance_of(Wasmtime::Error), /\Aargument type mismatch: the reference belongs to another store/) }

    it "is refused in checked calls, globals and tables" do
      expect { guest.invoke("checked", foreign, nil) }.to refused
      expect { guest.export("kept").set(foreign) }.to refused
      expect { guest.export("table")[0] = foreign }.to refused
    end

    it "is refused in calls of simple functions" do
      expect { guest.invoke("same", foreign) }.to refused
    end

    it "is refused as the result of a block" do
      expect { Wasmtime::Func.new(store, [], [:externref]) { foreign }.call }
        .to raise_error(Wasmtime::ResultError, /the reference belongs to another store/)
    end
  end

  it "keeps what it wraps" do
    made = Thread.new { struct.to_extern }.value
    5.times do
      GC.start
      store.gc
    end
    expect(made.to_any[0]).to eq(7)
  end
end
