# frozen_string_literal: true

module Wasmtime
  class Plugin
    # Makes the stores that a plugin's instances live in: with its limits, and with what it may see of the world.
    # @api private
    class Sandbox
      # What an engine without a pool would give to anybody who asks.
      ON_DEMAND = { memories: 4, tables: 16, instances: 64, table_elements: 1 << 20 }.freeze
      UNLIMITED = 1 << 62
      ALL_FUEL = (1 << 64) - 1
      private_constant :ON_DEMAND, :UNLIMITED, :ALL_FUEL

      # @return [Integer, nil] what a call may consume; nil where fuel is not counted
      attr_reader :fuel
      # @return [Integer] bytes of each stream that are kept
      attr_reader :room_for_output

      # @param room [Engines::Room]
      # @param limits [Limits]
      # @param permissions [Permissions, nil] nil for code without WASI
      # @param log [Boolean] whether anybody reads what guests write
      def initialize(room, limits, permissions, log:)
        @engine = room.engine
        @memory_size = limits.memory_size || Limits::LARGEST_MEMORY
        @other_limits = room.slots ? nil : ON_DEMAND
        @fuel = limits.fuel || (ALL_FUEL if room.metered)
        @room_for_output = limits.output || UNLIMITED
        @wasi = permissions&._wasi_config
        @streams = permissions && log ? permissions.stdio : []
      end

      # @return [Boolean] whether somebody reads what guests write
      def outputs?
        !@streams.empty?
      end

      # What a guest writes is collected there.
      # @return [Hash{Symbol => String}, nil]
      def outputs
        @streams.to_h { |stream| [stream, String.new] } if outputs?
      end

      # @return [WasiConfig, nil]
      def wasi(outputs)
        return @wasi unless outputs

        config = @wasi.dup
        config.set_stdout_buffer(outputs[:stdout], @room_for_output) if outputs.key?(:stdout)
        config.set_stderr_buffer(outputs[:stderr], @room_for_output) if outputs.key?(:stderr)
        config
      end

      # @return [Store]
      def store(wasi)
        store = wasi ? Store.new(@engine, wasi_config: wasi) : Store.new(@engine)
        store.__send__(:_set_limit, "memory_size", @memory_size)
        store.set_limits(**@other_limits) if @other_limits
        store
      end
    end
    private_constant :Sandbox
  end
end
