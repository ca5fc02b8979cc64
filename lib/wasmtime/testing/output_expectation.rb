# frozen_string_literal: true

module Wasmtime
  module Testing
    # What instances of the example, or a program, are expected to write. How they end is left to others, but a trap leaves the block.
    # @api private
    class OutputExpectation < OutcomeExpectation
      # @param stream [:stdout, :stderr]
      # @param expected [String, Regexp, #matches?, nil] nil for anything but nothing
      # @raise [TypeError] for anything else
      def initialize(session, stream, expected)
        super(session)
        unless expected.nil? || expected.is_a?(String) || expected.is_a?(Regexp) || expected.respond_to?(:matches?)
          raise TypeError, "print_to_#{stream}: expected a String, a Regexp or a matcher, got #{expected.inspect}"
        end

        @stream = stream
        @expected = expected
      end

      def matches?(actual)
        return false unless look_at(actual)

        surface(actual)
        met?
      end

      def expects_call_stack_jump?
        false
      end

      def description
        "print #{wanted} to #{@stream}"
      end

      private

      # Bytes are compared, and patterns looked for in characters.
      def met?
        text = @outcome.text(@stream)
        case @expected
        when nil then !text.to_s.empty?
        when String then text&.b == @expected.b
        when Regexp then !text.nil? && @expected.match?(text.valid_encoding? ? text : text.scrub)
        else !text.nil? && @expected === text
        end
      end

      def wanted
        case @expected
        when nil then "anything"
        when Regexp then "text that matches #{@expected.inspect}"
        when String then @expected.inspect
        else "text that should #{@expected.description}"
        end
      end

      def actual
        text = @outcome.text(@stream)
        return "is not known what it printed, because its #{@stream} went elsewhere" if text.nil?

        other = (%i[stdout stderr] - [@stream]).first
        beside = @outcome.text(other).to_s
        "printed #{text.empty? ? 'nothing' : @outcome.show(text)}#{"\nit wrote to #{other}: #{@outcome.show(beside)}" unless beside.empty?}"
      end

      def shows_output?
        true
      end
    end
    private_constant :OutputExpectation
  end
end
