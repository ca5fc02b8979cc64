# frozen_string_literal: true

module Wasmtime
  module Component
    # A value of a WIT `variant`: the name of the case, and what it carries. Frozen, and equal to another of the same name and an equal value.
    #
    # @example
    #   case shape
    #   in ["circle", radius] then radius * radius * Math::PI
    #   in { name: "point" } then 0
    #   end
    class Variant
      include ValueObject

      # @return [String] the case; frozen
      attr_reader :name
      # @return [Object, nil] what it carries, nil for a case without a value
      attr_reader :value

      # @param name [String, Symbol] the case
      # @param value [Object, nil] what it carries
      # @return [void]
      # @raise [TypeError] for what is no name
      def initialize(name, value = nil)
        @name = -Wasmtime._name(name)
        @value = value
        freeze
      end

      # For pattern matching.
      # @return [Array(String, Object)] name and value
      def deconstruct
        [name, value]
      end

      # For pattern matching.
      # @param _keys [Array<Symbol>, nil]
      # @return [Hash{Symbol => Object}] with the keys `:name` and `:value`
      def deconstruct_keys(_keys)
        { name: name, value: value }
      end

      # @return [String] what it is, to be read by people
      def inspect
        "#<Wasmtime::Component::Variant #{name}#{"(#{value.inspect})" unless value.nil?}>"
      end
    end
  end
end
