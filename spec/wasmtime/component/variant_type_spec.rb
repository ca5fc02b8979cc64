# frozen_string_literal: true

RSpec.describe Wasmtime::Component::VariantType do
  it_behaves_like "a WIT type", [:variant, [["all", nil], ["some", %i[list string]]]],
                  wit: "variant { all, some(list<string>) }",
                  parts: { cases: { "all" => nil, "some" => Wasmtime::Component::ListType.new(:string) } },
                  others: [[:variant, [["some", %i[list string]], ["all", nil]]], [:variant, [["all", nil], ["some", nil]]], [:enum, %w[all some]]]
  it_behaves_like "a checked WIT type", ->(type, part) { type.new(a: part) }

  it "escapes names that are words of WIT" do
    expect(described_class.new(string: :string, none: nil).to_s).to eq("variant { %string(string), none }")
  end

  it "refuses what is no Hash" do
    expect { described_class.new(%w[a]) }.to raise_error(TypeError, "no implicit conversion of Array into Hash")
  end
end
