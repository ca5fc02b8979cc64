# frozen_string_literal: true

module Wasmtime
  module Component
    # A value of a WIT `result`: ok or an error, either with a value. Frozen, and equal to another of the same kind and an equal value.
    #
    # @example
    #   case parse.call("{")
    #   in { ok: value } then value
    #   in { error: reason } then warn reason
    #   end
    class Result
      include ValueObject

      # The value of the other kind was asked for.
      class UncheckedResult < Wasmtime::Error; end

      class << self
        # @param value [Object, nil] nil where WIT has no value
        # @return [Result] one that is ok
        def ok(value = nil)
          new(:ok, value)
        end

        # @param value [Object, nil] nil where WIT has no value
        # @return [Result] an error
        def error(value = nil)
          new(:error, value)
        end

        private :new
      end

      # @api private
      def initialize(kind, value)
        @kind = kind
        @value = value
        freeze
      end

      # @return [Boolean] whether it is ok
      def ok?
        @kind == :ok
      end

      # @return [Boolean] whether it is an error
      def error?
        @kind == :error
      end

      # @return [Object, nil] the value of one that is ok
      # @raise [UncheckedResult] when it is an error
      def ok
        _expect(:ok)
      end

      # @return [Object, nil] the value of an error
      # @raise [UncheckedResult] when it is ok
      def error
        _expect(:error)
      end

      # @return [Object, nil] the value of one that is ok
      # @raise [ResultError] with the value of an error
      def value!
        raise ResultError, @value if error?

        @value
      end

      # For pattern matching.
      # @return [Array(Symbol, Object)] `:ok` or `:error`, and the value
      def deconstruct
        [@kind, @value]
      end

      # For pattern matching.
      # @param _keys [Array<Symbol>, nil]
      # @return [Hash{Symbol => Object}] with the key `:ok` or `:error`
      def deconstruct_keys(_keys)
        { @kind => @value }
      end

      # @return [String] what it is, to be read by people
      def inspect
        "#<Wasmtime::Component::Result #{@kind}(#{@value&.inspect})>"
      end

      private

      def _expect(kind)
        raise UncheckedResult, "expected #{kind}, was #{@kind}(#{@value&.inspect})" unless @kind == kind

        @value
      end
    end
  end
end
