# frozen_string_literal: true

RSpec.describe Wasmtime::Component::ResultType do
  it_behaves_like "a WIT type", %i[result u8 string], wit: "result<u8, string>", parts: { ok: :u8, error: :string },
                                                      others: [%i[result string u8], [:result, :u8, nil], [:result, nil, :string]]
  it_behaves_like "a WIT type", [:result, :u8, nil], wit: "result<u8>", parts: { ok: :u8, error: nil }, others: [[:result, nil, :u8]]
  it_behaves_like "a WIT type", [:result, nil, :u8], wit: "result<_, u8>", parts: { ok: nil, error: :u8 }, others: [[:result, nil, nil]]
  it_behaves_like "a WIT type", [:result, nil, nil], wit: "result", parts: { ok: nil, error: nil }, others: [%i[option u8]]
  it_behaves_like "a checked WIT type", ->(type, part) { type.new(part) }
  it_behaves_like "a checked WIT type", ->(type, part) { type.new(nil, part) }

  it "has no values when none are given" do
    expect(described_class.new).to have_attributes(ok: nil, error: nil)
  end
end
