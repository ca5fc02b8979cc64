# frozen_string_literal: true

RSpec.describe Wasmtime::Component::FlagsType do
  it_behaves_like "a WIT type of names", :flags
end
