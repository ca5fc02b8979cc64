# frozen_string_literal: true

module Wasmtime
  module Testing
    # A trap.
    # @api private
    class TrapExpectation < OutcomeExpectation
      # @param code [Symbol, nil] one of {Trap::CODES}, or :unknown; nil for any
      # @raise [ArgumentError] for any other code
      def initialize(session, code)
        super(session)
        known = [*Trap::CODES, Trap::UNKNOWN]
        unless code.nil? || known.include?(code)
          near = DidYouMean::SpellChecker.new(dictionary: known).correct(code.to_s).first || known.find { |one| one.name.include?(code.to_s) }
          hint = ", did you mean #{near.inspect}?" if near
          raise ArgumentError, "there is no trap code #{code.inspect}#{hint} (Wasmtime::Trap::CODES has them all)"
        end

        @code = code
      end

      # @return [Trap, nil] what ended the block
      def trap
        @outcome&.error
      end

      def description
        @code ? "trap with #{@code.inspect}" : "trap"
      end

      private

      def met?
        error = @outcome.error
        error.is_a?(Trap) && (@code.nil? || error.code == @code)
      end
    end

    # The end of a program, by itself.
    # @api private
    class ExitExpectation < OutcomeExpectation
      STATUSES = (0..(2**32) - 1)

      # @param status [Integer, Range, #matches?]
      # @raise [TypeError] for anything else
      # @raise [ArgumentError] for a number that is no status
      def initialize(session, status)
        super(session)
        unless status.is_a?(Integer) || status.is_a?(Range) || status.respond_to?(:matches?)
          raise TypeError, "exit_with: expected an Integer, a Range or a matcher, got #{status.inspect}"
        end
        raise ArgumentError, "exit_with: expected #{STATUSES}, got #{status}" if status.is_a?(Integer) && !STATUSES.cover?(status)

        @status = status
      end

      def description
        "exit with status #{@status.respond_to?(:description) ? @status.description : @status}"
      end

      private

      def met?
        !@outcome.status.nil? && @status === @outcome.status
      end
    end

    # A limit that stops a guest.
    # @api private
    class LimitExpectation < OutcomeExpectation
      # What is said, and the exception that tells.
      KINDS = { fuel: ["exceed its fuel", OutOfFuelError], time: ["time out", TimeoutError] }.freeze

      # @param kind [:fuel, :time]
      def initialize(session, kind)
        super(session)
        @description, @error = KINDS.fetch(kind)
      end

      # @return [String]
      attr_reader :description

      private

      def met?
        @outcome.error.is_a?(@error)
      end
    end

    # A memory that was not allowed to grow, whatever the guest made of that.
    # @api private
    class MemoryExpectation < OutcomeExpectation
      def description
        "exceed its memory"
      end

      private

      def met?
        @outcome.denied?
      end

      def actual
        return super unless @outcome.denied_before?

        "#{super}\nan instance had been denied memory before the block, so nobody can tell whether it was again: expect that of a fresh instance"
      end
    end
    private_constant :TrapExpectation, :ExitExpectation, :LimitExpectation, :MemoryExpectation
  end
end
