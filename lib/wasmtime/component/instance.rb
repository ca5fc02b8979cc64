# frozen_string_literal: true

module Wasmtime
  module Component
    # A component with memory and life of its own, in a {Store}. {Linker#instantiate} makes it.
    #
    # @example
    #   instance = Wasmtime::Component::Linker.new(engine).instantiate(store, component)
    #   instance.functions.greet("world")
    #   instance["test:guest/greeter@1.0.0"].functions.greet("world")
    class Instance
      include Exports
      private_class_method :new

      # @!method component
      #   @return [Component] what it is an instance of
      # @!method store
      #   @return [Store] the store it lives in

      # @return [Hash{String => FuncType, InstanceType, ResourceType, Type, Symbol, ModuleType, ComponentType}] the types of what it exports;
      #   frozen
      def exports
        @exports ||= component.exports
      end

      # @return [String] what it is, to be read by people
      def inspect
        "#<Wasmtime::Component::Instance #{store.closed? ? '(store closed)' : exports.keys.join(', ')}>"
      end

      # @api private
      def _index(place, name)
        _export_index(place, name)
      end

      # @api private
      def _exported_func(index, bytes)
        _func(index, bytes.nil? ? @bytes || false : Func._bytes?(bytes))
      end

      # @api private
      def _exported_resource(index)
        _resource(index)
      end

      # Itself and every instance it exports.
      # @api private
      def _scopes
        @scopes ||= [self, *exports.filter_map { |name, type| self[name] if type.is_a?(InstanceType) }].freeze
      end

      # @api private
      def _root
        self
      end

      private

      # What the linker said about `list<u8>`.
      def _setup(bytes)
        @bytes = bytes
      end

      def _place
        nil
      end
    end
  end
end
