# frozen_string_literal: true

module Wasmtime
  module Component
    # One level of an `option`, where the value alone would not say how many there are: `some(none)` of an `option<option<u32>>` is `Some.new(nil)`.
    # An `option` that is not nested is nil or the value itself; Some is understood there too. Frozen, and equal to another of an equal value.
    #
    # @example
    #   find.call("key") # => nil, #<Wasmtime::Component::Some nil> or 5
    class Some
      include ValueObject

      # @return [Object] what is there
      attr_reader :value

      # @param value [Object] what is there
      # @return [void]
      def initialize(value)
        @value = value
        freeze
      end

      # For pattern matching.
      # @return [Array(Object)] the value
      def deconstruct
        [value]
      end

      # For pattern matching.
      # @param _keys [Array<Symbol>, nil]
      # @return [Hash{Symbol => Object}] with the key `:value`
      def deconstruct_keys(_keys)
        { value: value }
      end

      # @return [String] what it is, to be read by people
      def inspect
        "#<Wasmtime::Component::Some #{value.inspect}>"
      end
    end
  end
end
