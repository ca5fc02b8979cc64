# frozen_string_literal: true

require_relative "../../conformance/wast/int_literal"

RSpec.describe Conformance::IntLiteral do
  {
    ["0", 32] => 0, ["-1", 32] => -1, ["+7", 32] => 7, ["1_000", 32] => 1000, ["0x1_F", 32] => 31, ["-0x80000000", 32] => -(2**31),
    ["4294967295", 32] => -1, ["0x80000000", 32] => -(2**31), ["0xffffffffffffffff", 64] => -1, ["0xff", 8] => -1, ["010", 32] => 10
  }.each do |(text, size), value|
    it("reads #{text} of #{size} bits as #{value}") { expect(described_class.parse(text, size)).to eq value }
  end

  ["", "x", "1__0", "_1", "1_", "0x", "1.0", "4294967296", "-2147483649", "--1", "1\n"].each do |text|
    it("refuses #{text.inspect}") { expect { described_class.parse(text, 32) }.to raise_error(Conformance::Malformed) }
  end
end
