# frozen_string_literal: true

RSpec.describe Wasmtime::Component::StreamType do
  it_behaves_like "a WIT type", %i[stream u8], wit: "stream<u8>", parts: { type: :u8 }, others: [[:stream, nil], %i[stream s8], %i[future u8]]
  it_behaves_like "a WIT type", [:stream, nil], wit: "stream", parts: { type: nil }, others: [[:future, nil]]
  it_behaves_like "a checked WIT type", ->(type, part) { type.new(part) }

  it "has no values when none are given" do
    expect(described_class.new.type).to be_nil
  end
end
