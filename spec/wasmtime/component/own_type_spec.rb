# frozen_string_literal: true

RSpec.describe Wasmtime::Component::OwnType, :untyped do
  it_behaves_like "a WIT type", [:own, WitTypes.resource(:blob)], wit: "resource-1", parts: { resource: WitTypes.resource(:blob) },
                                                                  others: [[:own, WitTypes.resource(:other)], [:borrow, WitTypes.resource(:blob)]]
end
