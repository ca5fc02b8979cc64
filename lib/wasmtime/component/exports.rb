# frozen_string_literal: true

module Wasmtime
  module Component
    # What {Instance} and {ExportedInstance} share: looking up what is exported there.
    module Exports
      # The place of an export.
      # @param path [String, Symbol, ExportIndex, Array<String, Symbol, ExportIndex>] a name, a place, or names from outside in
      # @return [ExportIndex, nil] nil when there is none
      # @raise [TypeError] for any other path
      # @raise [StoreError] when the store is closed or busy
      def get_export_index(path)
        ExportIndex._find(path, _root.component, _place) { |place, name| _root._index(place, name) }
      end

      # An exported function.
      # @param path [String, Symbol, ExportIndex, Array<String, Symbol, ExportIndex>] as {#get_export_index}
      # @param bytes [:string, :array, nil] whether it gives `list<u8>` as binary Strings or as Arrays; nil leaves it to the linker
      # @return [Func, nil] nil when there is none
      # @raise [TypeError] for any other path
      # @raise [StoreError] when the store is closed or busy
      # @example
      #   instance.get_func(["wasi:cli/run@0.2.0", "run"]).call
      def get_func(path, bytes: nil)
        index = get_export_index(path)
        index && _root._exported_func(index, bytes)
      end

      # The type of a resource that is exported.
      # @param path [String, Symbol, ExportIndex, Array<String, Symbol, ExportIndex>] as {#get_export_index}
      # @return [ResourceType, nil] nil when there is none
      # @raise [TypeError] for any other path
      # @raise [StoreError] when the store is closed or busy
      def get_resource(path)
        index = get_export_index(path)
        index && _root._exported_resource(index)
      end

      # What is exported under a name: a function, an instance within, a resource.
      # @param name [String, Symbol] also without the version, when that leaves no doubt, and with underscores for hyphens
      # @return [Func, ExportedInstance, ResourceClass, nil] the same object each time; nil when there is none
      # @raise [StoreError] when the store is closed or busy
      # @example
      #   instance["test:guest/greeter"].functions.greet("world")
      def [](name)
        key = _key(Wasmtime._name(name)) { return nil }
        @items ||= {}
        @items.fetch(key) { @items[key] = _item(key, exports[key]) }
      end

      # @return [Functions] the exported functions as methods, with underscores for hyphens
      # @example
      #   instance.functions.greet("world")
      def functions
        @functions ||= Functions.new(self)
      end

      # Calls an exported function.
      # @param path [String, Symbol, ExportIndex, Array<String, Symbol, ExportIndex>] as {#get_export_index}
      # @param args [Array<Object>] one value for each parameter
      # @param keywords [Hash{Symbol => Object}] as {Func#call}
      # @return [Object, nil] as {Func#call}
      # @raise [Error] "function ... not found", and as {Func#call}
      def invoke(path, *args, **keywords)
        func = path.is_a?(String) || path.is_a?(Symbol) ? _function(path) : get_func(path)
        raise Error, "function #{path.inspect} not found#{_did_you_mean(path)}" unless func

        func.call(*args, **keywords)
      end

      private

      # The name of an export as the component has it.
      def _key(name)
        return name if exports.key?(name)

        snake = name.tr("-", "_")
        near = exports.keys.select { |key| [key, key[/\A[^@]+/]].any? { |one| one&.tr("-", "_") == snake } }
        near.size == 1 ? near.first : yield
      end

      def _item(key, type)
        case type
        when FuncType then get_func(key)
        when InstanceType then ExportedInstance.new(self, key, type)
        when ResourceType then ResourceClass.new(self, key)
        end
      end

      def _function(name)
        func = self[name]
        func if func.is_a?(Func)
      end

      def _function_names
        exports.filter_map { |name, type| name.tr("-", "_").to_sym if type.is_a?(FuncType) && !name.start_with?("[") }
      end

      def _did_you_mean(name)
        near = DidYouMean::SpellChecker.new(dictionary: _function_names).correct(name.to_s).first
        near ? ", did you mean #{near.name.inspect}?" : ""
      end
    end
  end
end
