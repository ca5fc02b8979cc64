# frozen_string_literal: true

RSpec.describe Wasmtime::Component::OptionType do
  it_behaves_like "a WIT type", [:option, %i[option u8]], wit: "option<option<u8>>", parts: { type: described_class.new(:u8) },
                                                          others: [%i[option u8], [:list, %i[option u8]]]
  it_behaves_like "a checked WIT type", ->(type, part) { type.new(part) }
end
