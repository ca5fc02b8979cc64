# frozen_string_literal: true

module Wasmtime
  class Plugin
    # What a call of a plugin may use. Frozen.
    #
    # @example
    #   plugin.limits.timeout # => 5
    #   plugin.limits.to_h    # => { memory_size: 67108864, timeout: 5, fuel: nil, output: 1048576 }
    class Limits
      # What holds for what is not said.
      DEFAULTS = { memory_size: 64 << 20, timeout: 5, fuel: nil, output: 1 << 20 }.freeze
      # The most bytes that a memory can have: all that 32 bits can address.
      LARGEST_MEMORY = 4 << 30

      # @return [Integer, nil] bytes a memory of the guest may have; nil: 4 GiB, all that there can be
      attr_reader :memory_size
      # @return [Numeric, nil] seconds from the beginning of its instantiation; nil: no limit
      attr_reader :timeout
      # @return [Integer, nil] units of fuel; nil: fuel is not counted
      attr_reader :fuel
      # @return [Integer, nil] bytes of each output stream that are kept for the log; nil: no limit
      attr_reader :output

      class << self
        # What a host says, and {DEFAULTS} where it says nothing.
        # @param given [Hash{Symbol, String => Numeric, nil}] by name; nil is no limit
        # @return [Limits]
        # @raise [ArgumentError] for a limit that does not exist, or is not above 0
        # @raise [TypeError] for a limit that is no number
        def of(given)
          given = Hash.try_convert(given) || raise(TypeError, "limits: expected a Hash, got #{given.class}")
          given = given.transform_keys { |name| known(name) }
          new(**DEFAULTS, **given)
        end

        private

        def known(name)
          symbol = DEFAULTS.keys.find { |key| key.name == name.to_s }
          return symbol if symbol

          raise ArgumentError, "limits: unknown limit #{name.inspect}#{Untrusted.hint(name, DEFAULTS.keys)} (known: #{DEFAULTS.keys.join(', ')})"
        end
      end
      private_class_method :new

      # @api private
      def initialize(memory_size:, timeout:, fuel:, output:)
        @memory_size = integer(:memory_size, memory_size, 1, LARGEST_MEMORY)
        @timeout = timeout && CallOptions.seconds(timeout) && timeout
        @fuel = integer(:fuel, fuel, 1, (1 << 64) - 1)
        @output = integer(:output, output, 0, 1 << 62)
        freeze
      end

      # The lower of each: what is requested never raises anything.
      # @param requested [Hash{Symbol => Numeric}] checked as by {of}
      # @return [Limits]
      # @api private
      def _lowered(requested)
        self.class.__send__(:new, **to_h.merge(requested) { |_name, allowed, wanted| [allowed, wanted].compact.min })
      end

      # @return [Hash{Symbol => Numeric, nil}] all of them by name
      def to_h
        { memory_size: memory_size, timeout: timeout, fuel: fuel, output: output }
      end

      # @param other [Object]
      # @return [Boolean] whether all limits are the same
      def ==(other)
        other.is_a?(Limits) && other.to_h == to_h
      end

      # @return [String] what it is, to be read by people
      def inspect
        "#<Wasmtime::Plugin::Limits #{to_h.map { |name, value| "#{name}: #{value.inspect}" }.join(', ')}>"
      end

      private

      def integer(name, value, least, most)
        return if value.nil?
        raise TypeError, "limits: #{name}: expected an Integer, got #{value.inspect}" unless value.is_a?(Integer)
        return value if value.between?(least, most)

        raise ArgumentError, "limits: #{name}: expected #{least} to #{most}, got #{value}"
      end
    end
  end
end
