# frozen_string_literal: true

module Wasmtime
  class Plugin
    # A component, and a linker with its imports.
    # @api private
    class ComponentProgram
      WASI = %r{\Awasi:(?:cli|clocks|filesystem|io|random|sockets)/}
      private_constant :WASI

      # @param code [Component::Component]
      # @param imports [Hash]
      # @raise [LinkError] listing every import that is missing
      def initialize(code, imports)
        @code = code
        @paths = paths(code.exports)
        @places = {}
        @linker = linker(imports)
        # It tells what is missing now, instead of at the first call.
        @linker.__send__(:_prepare, code)
      end

      # @return [Boolean] whether its stores need a WASI
      def wasi?
        @code.imports.any? { |name, _type| name.match?(WASI) }
      end

      # @return [Boolean] whether it may call blocks of the host
      def calls_host?
        @code.imports.any? { |name, _type| !name.match?(WASI) }
      end

      # @param name [String, Symbol, Array<String, Symbol>] also with underscores for hyphens, and without the interface when that leaves no doubt
      # @return [Array<String>, nil] where an exported function is
      def find(name)
        @paths[name] || (nested(name) if name.is_a?(Array))
      end

      # @return [Array<String>]
      def function_names
        @paths.values.uniq.map { |path| path.join("#") }
      end

      # @return [Component::FuncType]
      def type(path)
        path.reduce(@code) { |scope, name| scope.exports[name] }
      end

      # @return [Component::Instance]
      def instantiate(store)
        @linker.instantiate(store, @code)
      end

      # Components begin by themselves.
      def prepare(_instance); end

      # @param bytes [:string, nil] how `list<u8>` comes
      # @return [Component::Func]
      def function(instance, path, bytes: nil)
        instance.get_func(@places[path] ||= @code.get_export_index(path), bytes: bytes)
      end

      # @return [ComponentBytesCalls]
      def bytes_calls(**)
        ComponentBytesCalls.new(self)
      end

      private

      def linker(imports)
        Component::Linker.new(@code.engine).tap do |linker|
          Wasmtime::WASI::P2.add_to_linker_sync(linker) if wasi?
          linker.define_all(imports)
        end
      end

      # Paths by all names that mean one function.
      def paths(exports)
        own = exports.filter_map { |name, type| [name] if type.is_a?(Component::FuncType) }
        inner = exports.flat_map do |name, type|
          type.is_a?(Component::InstanceType) ? type.exports.filter_map { |inside, one| [name, inside] if one.is_a?(Component::FuncType) } : []
        end
        inner.reject! { |path| path.last.start_with?("[") }
        by_name = inner.group_by(&:last).select { |_name, same| same.one? }.transform_values(&:first)
        spellings(by_name.merge(own.to_h { |path| [path.last, path] })).merge(inner.to_h do |path|
                                                                                [path.join("#"), path]
                                                                              end).each_value(&:freeze).freeze
      end

      def spellings(paths)
        paths.flat_map { |name, path| [name, name.tr("-", "_")].uniq.flat_map { |one| [[one, path], [one.to_sym, path]] } }.to_h
      end

      def nested(names)
        names.reduce([[], @code]) do |(path, scope), name|
          return nil unless scope.respond_to?(:exports)

          key = key(scope.exports, Wasmtime._name(name)) or return nil
          [[*path, key], scope.exports[key]]
        end => [path, type]
        path if type.is_a?(Component::FuncType)
      end

      # As the component has it: also without the version, and with underscores for hyphens.
      def key(exports, name)
        return name if exports.key?(name)

        near = exports.keys.select { |key| [key, key[/\A[^@]+/]].any? { |one| one.tr("-", "_") == name.tr("-", "_") } }
        near.first if near.one?
      end
    end
    private_constant :ComponentProgram
  end
end
