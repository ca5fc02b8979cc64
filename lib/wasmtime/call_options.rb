# frozen_string_literal: true

module Wasmtime
  # The keywords a call takes besides its arguments.
  # @api private
  module CallOptions
    KNOWN = %i[timeout].freeze

    module_function

    # Runs a call under its options.
    def apply(store, options, &)
      unknown = options.keys - KNOWN
      return within(store, options[:timeout], &) if unknown.empty?

      raise ArgumentError, "unknown keyword: #{unknown.map(&:inspect).join(', ')} (to pass a Hash as a value, write it in braces)"
    end

    # Runs a call that must end in time.
    # @param timeout [Numeric, nil] seconds
    def within(store, timeout)
      return yield if timeout.nil?

      before = store.__send__(:_start_clock, seconds(timeout))
      begin
        yield
      ensure
        store.__send__(:_stop_clock, before)
      end
    end

    def seconds(timeout)
      raise TypeError, "timeout: expected a number of seconds, got #{timeout.class}" unless timeout.is_a?(Numeric)

      seconds = Float(timeout)
      seconds.positive? ? seconds : raise(ArgumentError, "timeout: expected more than 0 seconds, got #{timeout}")
    end
  end
  private_constant :CallOptions
end
