# frozen_string_literal: true

module Wasmtime
  module Testing
    # What a block, or a program that {Wasmtime.run} ran, is expected to come to. Exceptions that end no guest leave the block, and so do traps
    # that the expectation does not speak of, unless it fails because of them: a trap never goes unnoticed.
    # @api private
    class OutcomeExpectation < Expectation
      # @param session [Session] of the example
      def initialize(session)
        super()
        @session = session
      end

      # @return [Session]
      attr_reader :session

      def matches?(actual)
        look_at(actual) && met?
      end

      def does_not_match?(actual)
        return false unless look_at(actual)
        return false if met?

        surface(actual)
        true
      end

      def supports_block_expectations?
        true
      end

      # Whether it speaks of how things end. RSpec runs such a matcher inside of the others.
      def expects_call_stack_jump?
        true
      end

      def failure_message
        return no_outcome unless @outcome

        message(subject, "to ", description, "it #{actual}#{@outcome.written unless shows_output?}")
      end

      def failure_message_when_negated
        return no_outcome unless @outcome

        message(subject, "not to ", description, "it #{actual}#{@outcome.written unless shows_output?}")
      end

      private

      # @return [Boolean] whether the outcome is the one that is expected
      def met?
        raise NotImplementedError
      end

      # @return [String] what happened instead, for "but it ..."
      def actual
        @outcome.ending
      end

      def shows_output?
        false
      end

      def look_at(actual)
        @actual = actual
        @outcome = Outcome.of(actual, session)
        !@outcome.nil?
      end

      def surface(actual)
        raise @outcome.error if actual.is_a?(Proc) && @outcome.error
      end

      def subject
        @outcome.kind == :run ? "the program" : "the block"
      end

      def no_outcome
        "expected a block, or what Wasmtime.run returned, to #{description}\nbut got #{@actual.inspect}"
      end
    end
    private_constant :OutcomeExpectation
  end
end
