# frozen_string_literal: true

module Conformance
  # How a script's words for a trap relate to Wasmtime's.
  module TrapText
    # Words the official scripts use, and those Wasmtime uses where it says the same differently or says less.
    OTHER_WORDS = {
      # It does not say which one.
      /\Auninitialized element \d+\z/ => ["uninitialized element"],
      # It does not say of which kind; call_ref is a call to an element that is not there.
      /\Anull function reference\z/ => ["uninitialized element", "null reference"],
      /\Anull \w+ reference\z/ => ["null reference"]
    }.freeze

    module_function

    # @param expected [String] the script's words
    # @param message [String] Wasmtime's
    # @return [Boolean]
    def match?(expected, message)
      [expected, *OTHER_WORDS.select { |words, _| words.match?(expected) }.values.flatten].any? { |words| message.include?(words) }
    end
  end
end
