# frozen_string_literal: true

require_relative "../../conformance/wast/trap_text"

RSpec.describe Conformance::TrapText do
  [
    ["integer divide by zero", "wasm trap: integer divide by zero"], ["unreachable", "wasm trap: wasm `unreachable` instruction executed"],
    ["undefined element", "wasm trap: undefined element: out of bounds table access"],
    ["uninitialized element 7", "wasm trap: uninitialized element"], ["null function reference", "wasm trap: uninitialized element"],
    ["null i31 reference", "wasm trap: null reference"]
  ].each do |words, message|
    it("finds #{words.inspect} in #{message.inspect}") { expect(described_class).to be_match(words, message) }
  end

  [
    ["integer overflow", "wasm trap: integer divide by zero"], ["null array reference", "wasm trap: out of bounds array access"],
    ["uninitialized element 7", "wasm trap: indirect call type mismatch"]
  ].each do |words, message|
    it("does not find #{words.inspect} in #{message.inspect}") { expect(described_class).not_to be_match(words, message) }
  end
end
