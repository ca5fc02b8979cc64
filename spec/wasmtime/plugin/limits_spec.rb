# frozen_string_literal: true

RSpec.describe Wasmtime::Plugin::Limits do
  it "are safe where nothing is said, and none where the host says nil" do
    expect(described_class.of({})).to be_frozen.and(have_attributes(memory_size: 64 << 20, timeout: 5, fuel: nil, output: 1 << 20))
    none = { memory_size: nil, timeout: nil, fuel: nil, output: nil }
    expect(described_class.of(none).to_h).to eq(none)
    expect(described_class.of("timeout" => 0.5, fuel: 3).to_h).to eq(memory_size: 64 << 20, timeout: 0.5, fuel: 3, output: 1 << 20)
  end

  it "are the same when all are" do
    expect(described_class.of(fuel: 3)).to eq(described_class.of("fuel" => 3))
    expect(described_class.of(fuel: 3)).not_to eq(described_class.of(fuel: 4))
    expect(described_class.of({})).not_to eq(5)
    expect(described_class.of(fuel: 3).inspect).to eq("#<Wasmtime::Plugin::Limits memory_size: 67108864, timeout: 5, fuel: 3, output: 1048576>")
  end

  it "are lowered, and never raised, by what is requested" do
    limits = described_class.of(timeout: 2, memory_size: nil)
    expect(limits._lowered({ timeout: 1, memory_size: 65_536, fuel: 10, output: 0 }).to_h).to eq(timeout: 1, memory_size: 65_536, fuel: 10, output: 0)
    expect(limits._lowered({ timeout: 60, output: 1 << 40 })).to eq(limits)
  end

  {
    { timeouts: 1 } => "limits: unknown limit :timeouts, did you mean :timeout? (known: memory_size, timeout, fuel, output)",
    { 5 => 1 } => "limits: unknown limit 5 (known: memory_size, timeout, fuel, output)",
    { timeout: 0 } => "timeout: expected more than 0 seconds, got 0",
    { timeout: Float::NAN } => "timeout: expected more than 0 seconds, got NaN",
    { memory_size: 0 } => "limits: memory_size: expected 1 to 4294967296, got 0",
    { memory_size: 1 << 33 } => "limits: memory_size: expected 1 to 4294967296, got 8589934592",
    { fuel: 0 } => "limits: fuel: expected 1 to 18446744073709551615, got 0",
    { output: -1 } => "limits: output: expected 0 to 4611686018427387904, got -1"
  }.each do |given, message|
    it "refuse #{given}" do
      expect { described_class.of(given) }.to raise_error(ArgumentError, message)
    end
  end

  { 5 => "limits: expected a Hash, got Integer", { memory_size: 1.5 } => "limits: memory_size: expected an Integer, got 1.5",
    { timeout: "5" } => "timeout: expected a number of seconds, got String" }.each do |given, message|
    it "refuse #{given}, which is of another kind" do
      expect { described_class.of(given) }.to raise_error(TypeError, message)
    end
  end
end
