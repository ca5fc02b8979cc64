# frozen_string_literal: true

module Wasmtime
  # WebAssembly components: programs with interfaces in WIT. {Component::Component} is compiled code, {Component::Linker} what it imports,
  # {Component::Instance} what it exports.
  module Component
    # A compiled component: frozen, shareable between Ractors, threads and stores of its engine.
    #
    # @example
    #   component = Wasmtime::Component::Component.from_file("greeter.wasm")
    #   puts component.type # the world as WIT
    class Component
      class << self
        include Sources

        # Compiles a component. The GVL is released meanwhile, and Timeout or Ctrl-C stop the wait.
        #
        # @overload new(engine, wat_or_wasm)
        #   @param engine [Engine]
        #   @param wat_or_wasm [String] the binary, or the text format
        # @overload new(wat_or_wasm)
        #   Uses {Engine.default}.
        #   @param wat_or_wasm [String]
        # @return [Component]
        # @raise [CompileError] with offset, or line and column; says so when it is a core module
        def new(engine, wat_or_wasm = nil)
          engine, wat_or_wasm = _with_engine(engine, wat_or_wasm)
          bytes = Wasmtime._string(wat_or_wasm)
          begin
            _new(engine, bytes)
          rescue CompileError => e
            hint = CompileHint.for_component(e.message, bytes)
            hint ? raise(CompileError, "#{e.message} (#{hint})", cause: nil) : raise
          end
        end

        # Compiles a component in a file.
        #
        # @overload from_file(engine, path)
        #   @param engine [Engine]
        #   @param path [String, Pathname]
        # @overload from_file(path)
        #   Uses {Engine.default}.
        #   @param path [String, Pathname]
        # @return [Component]
        # @raise [Error] when the file cannot be read
        # @raise [CompileError] as {new}
        def from_file(engine, path = nil)
          engine, path = _with_engine(engine, path)
          new(engine, _read(path))
        end

        # As {Wasmtime.load}, for components only.
        #
        # @param path [String, Pathname]
        # @param engine [Engine]
        # @param cache_dir [String, Pathname, false, nil] where compiled code is kept; false: only in memory; nil: {Wasmtime.cache_dir}
        # @return [Component]
        # @raise [Error] when the file cannot be read, or is a core module
        # @raise [CompileError] as {new}
        # @raise [CacheError] when another user could have written the folder, or what is in it
        # @raise [TypeError] for other arguments
        def load(path, engine: Engine.default, cache_dir: nil)
          Cache.load(path, engine, Wasmtime._cache_folder(cache_dir), self)
        end

        # Loads what {#serialize} or {Engine#precompile_component} gave. This runs native code: never give it bytes somebody else could have
        # written. Bytes of another version or another engine's settings are refused, damaged ones not always.
        #
        # @param engine [Engine]
        # @param bytes [String]
        # @return [Component]
        # @raise [Error] for bytes of another version or engine, or of a module
        def deserialize(engine, bytes)
          _deserialize(engine, Wasmtime._string(bytes))
        end

        # As {deserialize} from a file, which is mapped into memory.
        #
        # @param engine [Engine]
        # @param path [String, Pathname]
        # @return [Component]
        # @raise [Error] when the file cannot be read, or is of another version or engine
        # @raise [ArgumentError] for a path with a NUL
        def deserialize_file(engine, path)
          path = _regular(path)
          _deserialize_file(engine, path, File.size?(path) || 0)
        end
      end
      private_class_method :_new, :_deserialize, :_deserialize_file

      # @!method engine
      #   @return [Engine] the engine it was made with
      # @!method serialize
      #   @return [String] the component as native code, for {deserialize}; ASCII-8BIT

      # @return [ComponentType] what it imports and exports, with all interfaces, functions and types; prints as WIT; the same object each time
      # @example
      #   component.type => { exports: { run: Wasmtime::Component::FuncType => run } }
      def type
        _kept_type || _keep_type(Types.from_desc([:component, *_desc]))
      end

      # @return [Hash{String => InstanceType, FuncType, ModuleType, ComponentType, ResourceType, Type, Symbol}] frozen
      def imports
        type.imports
      end

      # @return [Hash{String => InstanceType, FuncType, ModuleType, ComponentType, ResourceType, Type, Symbol}] frozen
      def exports
        type.exports
      end

      # The place of an export, for {Instance#get_func} of every instance.
      # @param path [String, Symbol, ExportIndex, Array<String, Symbol, ExportIndex>] as {Exports#get_export_index}
      # @return [ExportIndex, nil] nil when there is none
      # @raise [TypeError] for any other path
      def get_export_index(path)
        ExportIndex._find(path, self) { |place, name| _export_index(place, name) }
      end

      # @return [String] what it is, to be read by people
      def inspect
        type => { imports:, exports: }
        "#<Wasmtime::Component::Component #{imports.size} imports#{", exports #{exports.keys.join(', ')}" unless exports.empty?}>"
      end
    end
  end
end
