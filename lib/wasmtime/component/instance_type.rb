# frozen_string_literal: true

module Wasmtime
  module Component
    # The type of an instance: an interface.
    class InstanceType
      include Type

      # @return [Hash{String => Type, Symbol, ResourceType, Wasmtime::FuncType}] what it exports; frozen
      attr_reader :exports

      # @param exports [Hash{String, Symbol => Type, Symbol, ResourceType, Wasmtime::FuncType}] what it exports
      # @return [void]
      # @raise [TypeError] for what is no Hash
      def initialize(exports)
        @exports = Type._members(exports, &:itself)
        _seal
      end

      # As a WIT document. Types print by the names the interface gives them, and the functions of a resource inside of it.
      #
      # @param name [String, Symbol] of the interface
      # @return [String]
      # @example
      #   component.exports["test:guest/greeter"].to_wit("greeter")
      def to_wit(name)
        Wit.new.interface("interface #{Wit.id(Type._name(name))}", exports).join("\n")
      end

      # @return [String] as in WIT, without a name
      def to_s
        Wit.new.interface("interface", exports).join("\n")
      end

      # @return [String] what it is, to be read by people
      def inspect
        "#<#{self.class} #{exports.keys.join(', ')}>"
      end

      # @api private
      def _value?
        false
      end

      # @api private
      def _state
        { exports: exports }
      end

      # In any order.
      # @api private
      def _identity
        _state
      end
    end
  end
end
