# frozen_string_literal: true

RSpec.describe Wasmtime::Component::Variant do
  it "has a name and perhaps a value, and is frozen" do
    expect(described_class.new("circle", 2.0)).to have_attributes(name: "circle", value: 2.0).and be_frozen
    expect(described_class.new(:point)).to have_attributes(name: "point", value: nil)
    expect(described_class.new(+"point").name).to be_frozen
  end

  it "refuses what is no name" do
    expect { described_class.new(1) }.to raise_error(TypeError, "no implicit conversion of Integer into String")
    expect { described_class.new(nil) }.to raise_error(TypeError, "no implicit conversion of nil into String")
  end

  it "is equal to another of the same name and an equal value" do
    expect(described_class.new("a", [1])).to eq(described_class.new(:a, [1])).and eql(described_class.new("a", [1]))
    expect(described_class.new("a", [1]).hash).to eq(described_class.new("a", [1]).hash)
    expect(described_class.new("a")).not_to eq(described_class.new("b"))
    expect(described_class.new("a", 1)).not_to eq(described_class.new("a", 2))
    expect(described_class.new("a", 1)).to eq(described_class.new("a", 1.0))
    expect(described_class.new("a", 1)).not_to eql(described_class.new("a", 1.0))
    expect(described_class.new("a")).not_to eq("a")
  end

  it "takes part in pattern matching" do
    case described_class.new("circle", 2.0)
    in ["circle", Float => radius] then expect(radius).to eq(2.0)
    end
    case described_class.new("circle", 2.0)
    in { name: "circle", value: } then expect(value).to eq(2.0)
    end
  end

  it "reads well" do
    expect(described_class.new("circle", 2.0).inspect).to eq("#<Wasmtime::Component::Variant circle(2.0)>")
    expect(described_class.new("point").inspect).to eq("#<Wasmtime::Component::Variant point>")
    expect(described_class.new("set", false).inspect).to eq("#<Wasmtime::Component::Variant set(false)>")
  end
end
