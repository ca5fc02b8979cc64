# frozen_string_literal: true

RSpec.describe Wasmtime::Component::BorrowType, :untyped do
  it_behaves_like "a WIT type", [:borrow, WitTypes.resource(:blob)], wit: "borrow<resource-1>", parts: { resource: WitTypes.resource(:blob) },
                                                                     others: [[:borrow, WitTypes.resource(:other)], [:own, WitTypes.resource(:blob)]]
end
