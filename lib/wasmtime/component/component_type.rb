# frozen_string_literal: true

module Wasmtime
  module Component
    # The type of a component: a world.
    class ComponentType
      include Type

      # @return [Hash{String => Type, Symbol, ResourceType, Wasmtime::FuncType}] what it imports; frozen
      attr_reader :imports
      # @return [Hash{String => Type, Symbol, ResourceType, Wasmtime::FuncType}] what it exports; frozen
      attr_reader :exports

      # @param imports [Hash{String, Symbol => Type, Symbol, ResourceType, Wasmtime::FuncType}] what it imports
      # @param exports [Hash{String, Symbol => Type, Symbol, ResourceType, Wasmtime::FuncType}] what it exports
      # @return [void]
      # @raise [TypeError] for what is no Hash
      def initialize(imports, exports)
        @imports = Type._members(imports, &:itself)
        @exports = Type._members(exports, &:itself)
        _seal
      end

      # @return [String] as a WIT world, with its interfaces in full
      def to_s
        Wit.new.world("world root", imports, exports).join("\n")
      end

      # @return [String] what it is, to be read by people
      def inspect
        "#<#{self.class} imports: #{imports.keys.join(', ')}; exports: #{exports.keys.join(', ')}>"
      end

      # @api private
      def _value?
        false
      end

      # @api private
      def _state
        { imports: imports, exports: exports }
      end

      # In any order.
      # @api private
      def _identity
        _state
      end
    end
  end
end
