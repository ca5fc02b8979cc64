# frozen_string_literal: true

RSpec.describe Wasmtime::EqRef do
  let(:engine) { Wasmtime::Engine.default }
  let(:store) { Wasmtime::Store.new(engine) }
  let(:struct) { Wasmtime::StructRef.new(store, Wasmtime::StructType.new(engine, []), []) }
  let(:array) { Wasmtime::ArrayRef.new(store, Wasmtime::ArrayType.new(engine, :i8), []) }
  let(:guest) do
    Wasmtime::Instance.new(store, Wasmtime::Module.new(engine, <<~WAT))
      (module (func (export "same") (param eqref) (result eqref) (local.get 0))
        (func (export "eq") (param eqref eqref) (result i32) (ref.eq (local.get 0) (local.get 1))))
    WAT
  end

  it "is a struct or an array" do
    expect([struct, array]).to all(be_a(described_class))
    expect(Wasmtime::AnyRef.from_extern(store, :x)).not_to be_a(described_class)
    expect(described_class.superclass).to equal(Wasmtime::AnyRef)
  end

  it "passes with numbers and nil where eqref is asked for" do
    [struct, array, 5, -1, nil].each { |value| expect(guest.invoke("same", value)).to eq(value) }
    expect { guest.invoke("same", Wasmtime::AnyRef.from_extern(store, :x)) }
      .to raise_error(TypeError, "no implicit conversion of Wasmtime::AnyRef into eqref (param at index 0)")
  end

  it "is compared by the guest as it is in Ruby" do
    values = [struct, array, 5, -1, nil, Wasmtime::StructRef.new(store, struct.type, [])]
    values.product(values) { |one, other| expect(guest.invoke("eq", one, other)).to eq(one == other ? 1 : 0) }
  end
end
