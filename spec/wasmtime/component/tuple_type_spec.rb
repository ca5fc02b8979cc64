# frozen_string_literal: true

RSpec.describe Wasmtime::Component::TupleType do
  it_behaves_like "a WIT type", [:tuple, [:s32, %i[option string]]],
                  wit: "tuple<s32, option<string>>", parts: { types: [:s32, Wasmtime::Component::OptionType.new(:string)] },
                  others: [[:tuple, [:s32]], [:tuple, [%i[option string], :s32]], [:tuple, []]]
  it_behaves_like "a checked WIT type", ->(type, part) { type.new([:u8, part]) }

  it "keeps its own copy of the Array" do
    types = [:u8]
    type = described_class.new(types)
    types << :u16
    expect(type.types).to eq([:u8])
  end

  it "refuses what is no list" do
    expect { described_class.new(:u8) }.to raise_error(TypeError, "no implicit conversion of Symbol into Array")
  end
end
