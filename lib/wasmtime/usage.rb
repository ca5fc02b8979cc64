# frozen_string_literal: true

module Wasmtime
  # What a run or a call of a guest took. Frozen.
  #
  # @!attribute [r] wall
  #   @return [Float] seconds
  # @!attribute [r] fuel
  #   @return [Integer, nil] units of fuel; nil when none was counted
  # @!attribute [r] peak_memory
  #   @return [Integer] the most bytes a memory of the guest had or asked for
  # @!attribute [r] host_calls
  #   @return [Integer] how many times the guest called host blocks; WASI's functions do not count
  Usage = Struct.new(:wall, :fuel, :peak_memory, :host_calls, keyword_init: true) do
    class << self
      # @api private
      def _now
        Process.clock_gettime(Process::CLOCK_MONOTONIC)
      end

      # What a store has used.
      # @param since [Float] what {_now} was
      # @param fuel [Integer, nil] what it had
      # @param host_calls [Integer] what it had called already
      # @api private
      def _of(store, since, fuel = nil, host_calls = 0)
        new(wall: _now - since, fuel: fuel && (fuel - store.get_fuel), peak_memory: store.max_linear_memory_consumed,
            host_calls: store.host_calls - host_calls).freeze
      end
    end
  end
end
