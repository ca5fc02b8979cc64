# frozen_string_literal: true

RSpec.describe Wasmtime::Component::MapType do
  it_behaves_like "a WIT type", [:map, :string, %i[list u8]], wit: "map<string, list<u8>>",
                                                              parts: { key: :string, value: Wasmtime::Component::ListType.new(:u8) },
                                                              others: [%i[map string u8], [:map, :u8, %i[list u8]], [:map, %i[list u8], :string]]
  it_behaves_like "a checked WIT type", ->(type, part) { type.new(part, :u8) }
  it_behaves_like "a checked WIT type", ->(type, part) { type.new(:u8, part) }
end
