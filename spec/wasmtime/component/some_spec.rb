# frozen_string_literal: true

RSpec.describe Wasmtime::Component::Some do
  it "has a value, and is frozen" do
    expect(described_class.new(5)).to have_attributes(value: 5).and be_frozen
    expect(described_class.new(nil).value).to be_nil
  end

  it "is equal to another of an equal value" do
    expect(described_class.new([1])).to eq(described_class.new([1])).and eql(described_class.new([1]))
    expect(described_class.new([1]).hash).to eq(described_class.new([1]).hash)
    expect(described_class.new(nil)).not_to eq(described_class.new(described_class.new(nil)))
    expect(described_class.new(5)).not_to eq(5)
    expect(described_class.new(1)).to eq(described_class.new(1.0))
    expect(described_class.new(1)).not_to eql(described_class.new(1.0))
  end

  it "takes part in pattern matching" do
    case described_class.new(described_class.new(5))
    in Wasmtime::Component::Some[Wasmtime::Component::Some[value]] then expect(value).to eq(5)
    end
    case described_class.new(nil)
    in { value: nil } then nil
    end
  end

  it "reads well" do
    expect(described_class.new(described_class.new("x")).inspect).to eq('#<Wasmtime::Component::Some #<Wasmtime::Component::Some "x">>')
  end
end
