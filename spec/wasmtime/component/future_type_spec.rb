# frozen_string_literal: true

RSpec.describe Wasmtime::Component::FutureType do
  it_behaves_like "a WIT type", %i[future u8], wit: "future<u8>", parts: { type: :u8 }, others: [[:future, nil], %i[future s8], %i[stream u8]]
  it_behaves_like "a WIT type", [:future, nil], wit: "future", parts: { type: nil }, others: [[:stream, nil]]
  it_behaves_like "a checked WIT type", ->(type, part) { type.new(part) }

  it "has no values when none are given" do
    expect(described_class.new.type).to be_nil
  end
end
