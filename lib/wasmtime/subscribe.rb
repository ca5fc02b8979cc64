# frozen_string_literal: true

# Who wants to know what plugins do.
module Wasmtime
  class << self
    # Calls a block after each event of plugins: `compile.wasmtime` when one was compiled, `call.wasmtime` after a call, and `trap.wasmtime` when the
    # guest was at fault. Where ActiveSupport is loaded, ActiveSupport::Notifications has the same events under the same names.
    #
    # The payload has `plugin:` (its name), `function:` (nil for a compilation), `outcome:` (:ok, :trap, :timeout, :out_of_fuel, :memory_limit,
    # :host_error, :checkout_timeout or :error), `usage:` ({Usage}, nil when there was no guest), `error:` (nil when all went well) and
    # `duration:` (seconds, waiting for an instance included).
    #
    # @param pattern [String, Regexp, nil] which events; nil: all
    # @yieldparam name [String] the event
    # @yieldparam payload [Hash{Symbol => Object}]
    # @yieldreturn [void] what it raises is printed as a warning
    # @return [Object] for {unsubscribe}
    # @raise [ArgumentError] without a block
    # @example
    #   Wasmtime.subscribe("call.wasmtime") { |_name, event| statsd.timing("plugins.#{event[:plugin]}", event[:duration] * 1000) }
    def subscribe(pattern = nil, &block)
      raise ArgumentError, "no block given" unless block

      Plugin.__send__(:_subscribe, pattern, block)
    end

    # Ends what {subscribe} began.
    # @param subscription [Object] what {subscribe} gave
    # @return [Boolean] true, or false when it had ended already
    def unsubscribe(subscription)
      Plugin.__send__(:_unsubscribe, subscription)
    end
  end
end
