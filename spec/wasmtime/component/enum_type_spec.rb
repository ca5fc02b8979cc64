# frozen_string_literal: true

RSpec.describe Wasmtime::Component::EnumType do
  it_behaves_like "a WIT type of names", :enum
end
