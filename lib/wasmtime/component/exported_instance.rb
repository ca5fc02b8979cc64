# frozen_string_literal: true

module Wasmtime
  module Component
    # An instance that a component's instance exports: an interface with its functions, types and resources. {Exports#[]} gives it.
    class ExportedInstance
      include Exports

      # @return [String] the name it is exported under
      attr_reader :name
      # @return [Hash{String => FuncType, InstanceType, ResourceType, Type, Symbol}] the types of what it exports; frozen
      attr_reader :exports

      # @api private
      # @param outer [Instance, ExportedInstance]
      # @param name [String]
      # @param type [InstanceType]
      # @return [void]
      def initialize(outer, name, type)
        @outer = outer
        @name = name
        @exports = type.exports
      end

      # @return [Store] the store it lives in
      def store
        _root.store
      end

      # @return [String] what it is, to be read by people
      def inspect
        "#<Wasmtime::Component::ExportedInstance #{name}: #{exports.keys.join(', ')}>"
      end

      # @api private
      def _root
        @outer._root
      end

      private

      def _place
        @place ||= @outer.get_export_index(name)
      end
    end
  end
end
