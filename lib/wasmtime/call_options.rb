# frozen_string_literal: true

module Wasmtime
  # The keywords a call takes besides its arguments.
  # @api private
  module CallOptions
    KNOWN = %i[timeout gvl].freeze
    # What `gvl:` may be, and whether the GVL is released then.
    GVL = { release: true, hold: false, false => true, true => false, nil => nil }.freeze
    private_constant :GVL

    module_function

    # Runs a call under its options.
    def apply(store, options, &)
      unknown = options.keys - KNOWN
      return within(store, **options, &) if unknown.empty?

      raise ArgumentError, "unknown keyword: #{unknown.map(&:inspect).join(', ')} (to pass a Hash as a value, write it in braces)"
    end

    # Runs a call that must end in time, with or without the GVL. What was so before is read first: an exception of another thread may come
    # between any two steps, and must leave nothing behind.
    # @param timeout [Numeric, nil] seconds
    # @param gvl [:release, :hold, Boolean, nil]
    def within(store, timeout: nil, gvl: nil)
      release = released?(gvl)
      limit = seconds(timeout) unless timeout.nil?
      before = store.__send__(:_call_state)
      begin
        store.__send__(:_begin_call, limit, release)
        yield
      ensure
        store.__send__(:_call_state=, before)
      end
    end

    # Whether an option asks to release the GVL; nil when it leaves that to others.
    def released?(gvl)
      GVL.fetch(gvl) { raise ArgumentError, "gvl: expected :release, :hold or nil, got #{gvl.inspect}" }
    end

    def seconds(timeout)
      raise TypeError, "timeout: expected a number of seconds, got #{timeout.class}" unless timeout.is_a?(Numeric)

      seconds = Float(timeout)
      seconds.positive? ? seconds : raise(ArgumentError, "timeout: expected more than 0 seconds, got #{timeout}")
    end
  end
  private_constant :CallOptions
end
