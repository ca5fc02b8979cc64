# frozen_string_literal: true

require_relative "nodes"

module Conformance
  # Integers as the text format writes them.
  module IntLiteral
    FORM = /\A[+-]?(?:0x\h+(?:_\h+)*|\d+(?:_\d+)*)\z/

    module_function

    # @param text [String]
    # @param size [Integer] in bits
    # @return [Integer] signed, whichever way it was written
    def parse(text, size)
      raise Malformed, "#{text.inspect} is no integer" unless FORM.match?(text)

      value = text.delete("_+")
      value = value.include?("x") ? value.to_i(16) : value.to_i
      raise Malformed, "#{text} does not fit into #{size} bits" unless value.between?(-1 << (size - 1), (1 << size) - 1)

      signed(value, size)
    end

    def signed(value, size)
      value >> (size - 1) == 1 ? value - (1 << size) : value
    end
  end
end
