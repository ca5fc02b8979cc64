# frozen_string_literal: true

module Wasmtime
  module Testing
    # Something that is expected, of whatever. It speaks the protocol of RSpec's matchers and needs no RSpec.
    # @api private
    class Expectation
      # @return [String] what is expected, as in "it is expected to ..."
      def description
        raise NotImplementedError
      end

      def supports_block_expectations?
        false
      end

      def supports_value_expectations?
        true
      end

      # Whether an object matches, in patterns and in the arguments of other matchers.
      def ===(other)
        matches?(other)
      end

      private

      # A message with both sides.
      def message(subject, verb, expected, actual)
        "expected #{subject} #{verb}#{expected}\nbut #{actual}"
      end

      def indented(text)
        text.gsub(/^/, "  ")
      end
    end
    private_constant :Expectation
  end
end
