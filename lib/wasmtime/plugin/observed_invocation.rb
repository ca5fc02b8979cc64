# frozen_string_literal: true

module Wasmtime
  class Plugin
    # A call that somebody wants to know of.
    # @api private
    class ObservedInvocation < Invocation
      # @yieldparam guest [Guest]
      # @return [Object] what the block returns
      def run(&)
        payload = { plugin: plugin, function: function, outcome: :ok, usage: nil, error: nil, duration: nil }
        started = Usage._now
        Events.instrument(Events::CALL, payload) do
          super() { |guest, begun| measured(guest, begun, &) }
        rescue Exception => e # rubocop:disable Lint/RescueException
          payload.update(outcome: Faults.outcome(e, called_host), error: e)
          raise
        ensure
          payload.update(usage: usage, duration: Usage._now - started)
        end
      ensure
        Events.publish(Events::TRAP, payload.dup) if payload && payload[:error].is_a?(GuestError)
      end

      private

      def measured(guest, begun)
        value = yield guest
        @usage = guest.usage(begun)
        value
      end
    end
    private_constant :ObservedInvocation
  end
end
