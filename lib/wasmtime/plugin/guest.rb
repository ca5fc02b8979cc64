# frozen_string_literal: true

module Wasmtime
  class Plugin
    # An instance of a plugin, in a store of its own. One call at a time.
    # @api private
    class Guest
      # @return [Store]
      attr_reader :store
      # @return [Instance, Component::Instance, nil] nil until it has begun
      attr_reader :instance

      # @param program [CoreProgram, ComponentProgram]
      # @param sandbox [Sandbox]
      # @param keep [Boolean] whether it serves one call after the other
      def initialize(program, sandbox, keep)
        @program = program
        @outputs = sandbox.outputs
        @wasi = sandbox.wasi(@outputs)
        @room = sandbox.room_for_output
        @store = sandbox.store(@wasi)
        @fuel = sandbox.fuel
        @host_calls = 0
        return unless keep

        @functions = {}
        @calls_host = program.calls_host?
        @rest = @store.__send__(:_call_state)
      end

      # Begins a call: from now on the guest may be used, and its time runs. Instantiation is part of the first call.
      #
      # That holds the GVL, because a fork meanwhile would leave the locks of the pool to its child as they are.
      # @param seconds [Float, nil] the time it has
      # @param release [Boolean] whether the GVL is given up
      def enter(seconds, release)
        store = @store
        store.__send__(:_begin_call, seconds, @instance ? release : false)
        store.set_fuel(@fuel) if @fuel
        return begin_life(store, release) unless @instance

        @host_calls = store.host_calls if @calls_host
      end

      # Ends a call that went well. A store that is closed now is closed as it is.
      def leave
        @store.__send__(:_call_state=, @rest) if @rest
      end

      # @param target [String, Array<String>] as the program finds it
      # @param arguments [Array<Object>]
      # @param named [Hash{Symbol => Object}, nil]
      def call(target, arguments, named = nil)
        func = (@functions && @functions[target]) || function(target)
        named.nil? || named.empty? ? func.call(*arguments) : func.call(*arguments, **named)
      end

      # A function of a component that is called with Strings for `list<u8>`, and gives them.
      def call_with_string(target, string)
        @program.function(@instance, target, bytes: :string).call(string)
      end

      # @param since [Float] when the call began
      # @return [Usage, nil] of this call; nil when the store is gone
      def usage(since)
        Usage._of(@store, since, @fuel, @host_calls)
      rescue StoreError
        nil
      end

      # What it wrote in this call, and whether it wrote more.
      # @return [Array<Array(Symbol, String, Boolean)>, nil] nil when nobody reads it
      def take_outputs
        @outputs&.filter_map do |stream, buffer|
          next if buffer.empty?

          # The guest's stream goes on in the same String. A stream that was cut once says so for good.
          text = buffer.dup
          buffer.clear
          [stream, text, text.bytesize >= @room && @wasi.truncated?(stream)]
        end
      end

      # Frees it, unless it is another process's, where closing is refused.
      # @return [Boolean] whether it is gone
      def close
        @store.close
        true
      rescue StoreError
        false
      end

      private

      def function(target)
        func = @program.function(@instance, target)
        @functions ? @functions[target] = func : func
      end

      def begin_life(store, release)
        instance = @program.instantiate(store)
        store.__send__(:_begin_call, nil, release)
        @program.prepare(instance)
        @instance = instance
      end
    end
    private_constant :Guest
  end
end
