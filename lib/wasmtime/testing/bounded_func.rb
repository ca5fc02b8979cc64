# frozen_string_literal: true

module Wasmtime
  module Testing
    # Gives calls a time limit that say none.
    # @api private
    module Bounded
      private

      # A call with keywords takes them out and calls the method of the same name again, before the guest runs: that one is let through.
      def _bounded(options, explicit, &call)
        return call.call if @_seconds.nil? || _again?

        @_again = !options.empty?
        begin
          CallOptions.within(store, timeout: (@_seconds unless explicit), &call)
        ensure
          @_again = false
        end
      end

      def _again?
        again = @_again
        @_again = false
        again
      end
    end

    # A function whose calls have a time limit when they say none.
    # @api private
    module BoundedFunc
      include Bounded

      # @param func [Func, Component::Func]
      # @param seconds [Numeric, nil] nil for no limit
      # @return [Func, Component::Func] the same
      def self.bound(func, seconds)
        func.extend(self) unless func.singleton_class.include?(self)
        func._limit(seconds)
      end

      def _limit(seconds)
        @_seconds = seconds
        self
      end

      def call(*args, **options)
        _bounded(options, options.key?(:timeout) && !_parameter?("timeout")) { super }
      end

      # Of modules only.
      def call_async(*args, timeout: @_seconds)
        super
      end

      # Of components only.
      def with(bytes:)
        BoundedFunc.bound(super, @_seconds)
      end

      private

      # Components name their parameters.
      def _parameter?(name)
        is_a?(Component::Func) && params.key?(name)
      end
    end
    private_constant :Bounded, :BoundedFunc
  end
end
