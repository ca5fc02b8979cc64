# frozen_string_literal: true

module Wasmtime
  class Plugin
    # A module, its imports resolved once for all instances.
    # @api private
    class CoreProgram
      WASI = "wasi_snapshot_preview1"
      private_constant :WASI

      # @return [Hash{String => FuncType}] the functions that it exports
      attr_reader :types

      # @param code [Module]
      # @param imports [Hash]
      # @raise [LinkError] listing every import that is missing
      def initialize(code, imports)
        @code = code
        @types = code.exports.filter_map { |export| [export.name, export.type] if export.type.is_a?(FuncType) }.to_h.freeze
        @names = @types.keys.flat_map { |name| [[name, name], [name.to_sym, name]] }.to_h.freeze
        @memories = code.exports.filter_map { |export| export.name if export.type.is_a?(MemoryType) }.freeze
        @pre = linker(imports).instantiate_pre(code)
        @reactor = @types["_initialize"]&.params&.empty?
      end

      # @return [Boolean] whether its stores need a WASI
      def wasi?
        @code.imports.any? { |import| import.module == WASI }
      end

      # @return [Boolean] whether it may call blocks of the host
      def calls_host?
        @code.imports.any? { |import| import.module != WASI }
      end

      # @return [String, nil] the name of an exported function
      def find(name)
        @names[name]
      end

      # @return [Array<String>]
      def function_names
        @types.keys
      end

      # @return [String, nil] the memory that pointers are of
      def memory
        @memories.include?("memory") ? "memory" : (@memories.first if @memories.one?)
      end

      # @return [Instance]
      def instantiate(store)
        @pre.instantiate(store)
      end

      # What a WASI reactor has to run before anything else.
      def prepare(instance)
        instance.invoke("_initialize") if @reactor
      end

      # @return [Func]
      def function(instance, name)
        instance.export(name)
      end

      # @return [BytesCalls]
      def bytes_calls(allocate:, free:)
        BytesCalls.new(self, allocate: allocate, free: free)
      end

      private

      def linker(imports)
        refuse_items(imports)
        Linker.new(@code.engine).tap do |linker|
          Wasmtime::WASI::P1.add_to_linker_sync(linker) if wasi?
          linker.define_all(imports)
        end
      end

      # A memory or an instance belongs to one store, and each call has its own.
      def refuse_items(imports)
        Imports.new(imports).each_item do |mod, name, item|
          next unless item.is_a?(Extern) || item.is_a?(SharedMemory)

          raise ArgumentError,
                "imports: #{mod}: #{name} is a #{item.class}, which belongs to one store: a plugin has many, so give it something callable"
        end
      end
    end
    private_constant :CoreProgram
  end
end
