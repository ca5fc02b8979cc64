# frozen_string_literal: true

module Wasmtime
  module Testing
    # Joins expectations about one block, which runs once and is looked at by all of them. RSpec would nest them, and what the inner one took from
    # the block the outer one would not see.
    # @api private
    module Composable
      include RSpec::Matchers::Composable

      def and(other)
        Composable.joined?(other) ? AndExpectation.new(self, other) : super
      end
      alias & and

      def or(other)
        Composable.joined?(other) ? OrExpectation.new(self, other) : super
      end
      alias | or

      # Whether a matcher is about an outcome, also under another name.
      def self.joined?(matcher)
        matcher.is_a?(OutcomeExpectation) || matcher.is_a?(SharedOutcome) ||
          (matcher.respond_to?(:base_matcher) && joined?(matcher.base_matcher))
      end
    end

    # A compound matcher that runs a block once.
    # @api private
    module SharedOutcome
      include Composable

      # @return [Session]
      def session
        [matcher_1, matcher_2].filter_map { |matcher| matcher.session if matcher.respond_to?(:session) }.first
      end

      def matches?(actual)
        outcome = Outcome.of(actual, session) || actual
        # As each of them does alone.
        raise outcome.error if actual.is_a?(Proc) && outcome.error && !expects_call_stack_jump?

        super(outcome)
      end
    end

    # Both of two expectations.
    # @api private
    class AndExpectation < RSpec::Matchers::BuiltIn::Compound::And
      include SharedOutcome
    end

    # One of two expectations, or both.
    # @api private
    class OrExpectation < RSpec::Matchers::BuiltIn::Compound::Or
      include SharedOutcome
    end

    class FunctionExpectation
      include RSpec::Matchers::Composable
    end

    class OutcomeExpectation
      include Composable
    end
    private_constant :Composable, :SharedOutcome, :AndExpectation, :OrExpectation
  end
end
