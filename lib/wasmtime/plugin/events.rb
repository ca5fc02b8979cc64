# frozen_string_literal: true

module Wasmtime
  class Plugin
    # Tells who wants to know what plugins do: subscribers of ActiveSupport::Notifications, where it is loaded, and those of {Wasmtime.subscribe}.
    # @api private
    module Events
      COMPILE = "compile.wasmtime"
      CALL = "call.wasmtime"
      TRAP = "trap.wasmtime"

      # A pattern and a block; what {Wasmtime.subscribe} gives.
      Subscription = Struct.new(:pattern, :block) do
        def wants?(name)
          pattern.nil? || pattern === name
        end

        def inspect
          "#<Wasmtime subscription #{pattern ? pattern.inspect : 'to everything'}>"
        end
      end

      @lock = Mutex.new
      @subscriptions = [].freeze

      class << self
        # @return [Subscription]
        def subscribe(pattern, block)
          subscription = Subscription.new(pattern, block).freeze
          @lock.synchronize { @subscriptions = [*@subscriptions, subscription].freeze }
          subscription
        end

        # @return [Boolean] whether it was there
        def unsubscribe(subscription)
          @lock.synchronize do
            before = @subscriptions
            @subscriptions = before.reject { |one| one.equal?(subscription) }.freeze
            @subscriptions.size < before.size
          end
        end

        # @return [Boolean] whether nobody wants to know about calls
        def silent?
          @subscriptions.empty? && !(defined?(::ActiveSupport::Notifications) && (listening?(CALL) || listening?(TRAP)))
        end

        # @return [Boolean] whether anybody wants to know
        def listening?(name)
          (!@subscriptions.empty? && @subscriptions.any? { |one| one.wants?(name) }) || !notifications(name).nil?
        end

        # Runs a block, and tells what it left in the payload.
        # @param payload [Hash{Symbol => Object}]
        def instrument(name, payload, &)
          service = notifications(name)
          service ? service.instrument(name, payload, &) : yield(payload)
        ensure
          tell(name, payload)
        end

        # Tells what has happened.
        def publish(name, payload)
          instrument(name, payload) { nil } if listening?(name)
        end

        private

        def notifications(name)
          return unless defined?(::ActiveSupport::Notifications)

          service = ::ActiveSupport::Notifications
          service if service.notifier.listening?(name)
        end

        # What a subscriber does wrong is no reason for a call to fail.
        def tell(name, payload)
          @subscriptions.each do |one|
            one.block.call(name, payload) if one.wants?(name)
          rescue StandardError => e
            warn "wasmtime-rb: a subscriber to #{name} raised #{e.class}: #{e.message}"
          end
        end
      end
    end
    private_constant :Events
  end
end
