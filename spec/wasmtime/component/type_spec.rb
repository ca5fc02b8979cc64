# frozen_string_literal: true

RSpec.describe Wasmtime::Component::Type do
  it "names the types without parts" do
    expect(described_class::PRIMITIVES).to eq(%i[bool s8 u8 s16 u16 s32 u32 s64 u64 f32 f64 char string error_context]).and be_frozen
  end

  it "makes large types comparable at once: each knows its hash" do
    grow = ->(leaf) { (1..90).reduce(leaf) { |type, _| Wasmtime::Component::TupleType.new([type, type]) } }
    expect(grow[:u8].hash).to eq(grow[:u8].hash)
    expect(grow[:u8]).not_to eq(grow[:s8])
  end
end
