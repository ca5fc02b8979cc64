# frozen_string_literal: true

module Wasmtime
  # A compiled WebAssembly module: frozen, shareable between Ractors, threads and stores of its engine.
  #
  # @example
  #   mod = Wasmtime::Module.from_file("gcd.wat")
  #   mod.exports.first.to_s # => "(export \"gcd\" (func (param i32 i32) (result i32)))"
  class Module
    class << self
      include Sources

      # Compiles a module. The GVL is released meanwhile, and Timeout or Ctrl-C stop the wait.
      #
      # @overload new(engine, wat_or_wasm)
      #   @param engine [Engine]
      #   @param wat_or_wasm [String] the binary, or the text format
      # @overload new(wat_or_wasm)
      #   Uses {Engine.default}.
      #   @param wat_or_wasm [String]
      # @return [Module]
      # @raise [CompileError] with offset, or line and column; names the engine option to turn on, when one is off
      def new(engine, wat_or_wasm = nil)
        engine, wat_or_wasm = _with_engine(engine, wat_or_wasm)
        bytes = Wasmtime._string(wat_or_wasm)
        _explaining(bytes) { _new(engine, bytes) }
      end

      # Compiles a module in a file.
      #
      # @overload from_file(engine, path)
      #   @param engine [Engine]
      #   @param path [String, Pathname]
      # @overload from_file(path)
      #   Uses {Engine.default}.
      #   @param path [String, Pathname]
      # @return [Module]
      # @raise [Error] when the file cannot be read
      # @raise [CompileError] as {new}
      def from_file(engine, path = nil)
        engine, path = _with_engine(engine, path)
        new(engine, _read(path))
      end

      # As {Wasmtime.load}, for modules only.
      #
      # @param path [String, Pathname]
      # @param engine [Engine]
      # @param cache_dir [String, Pathname, false, nil] where compiled code is kept; false: only in memory; nil: {Wasmtime.cache_dir}
      # @return [Module]
      # @raise [Error] when the file cannot be read, or is a component
      # @raise [CompileError] as {new}
      # @raise [CacheError] when another user could have written the folder, or what is in it
      # @raise [TypeError] for other arguments
      def load(path, engine: Engine.default, cache_dir: nil)
        Cache.load(path, engine, Wasmtime._cache_folder(cache_dir), self)
      end

      # Checks a module without compiling it.
      #
      # @overload validate(engine, wat_or_wasm)
      #   @param engine [Engine]
      #   @param wat_or_wasm [String]
      # @overload validate(wat_or_wasm)
      #   Uses {Engine.default}.
      #   @param wat_or_wasm [String]
      # @return [true]
      # @raise [CompileError] with the reason
      def validate(engine, wat_or_wasm = nil)
        engine, wat_or_wasm = _with_engine(engine, wat_or_wasm)
        bytes = Wasmtime._string(wat_or_wasm)
        _explaining(bytes) { _validate(engine, _binary?(bytes) ? bytes : _translate(bytes)) }
        true
      end

      # Loads what {#serialize} or {Engine#precompile_module} gave. This runs native code: never give it bytes somebody else could have
      # written. Bytes of another version or another engine's settings are refused, damaged ones not always.
      #
      # @param engine [Engine]
      # @param bytes [String]
      # @return [Module]
      # @raise [Error] for bytes of another version or engine
      def deserialize(engine, bytes)
        _deserialize(engine, Wasmtime._string(bytes))
      end

      # As {deserialize} from a file, which is mapped into memory: the fastest way to load a module.
      #
      # @param engine [Engine]
      # @param path [String, Pathname]
      # @return [Module]
      # @raise [Error] when the file cannot be read, or is of another version or engine
      # @raise [ArgumentError] for a path with a NUL
      def deserialize_file(engine, path)
        _deserialize_file(engine, _regular(path))
      end

      private

      def _translate(text)
        Wasmtime.wat2wasm(text)
      rescue Error => e
        raise CompileError, "Could not build module: #{e.message}"
      end

      def _explaining(bytes)
        yield
      rescue CompileError => e
        hint = CompileHint.for(e.message, bytes)
        hint ? raise(CompileError, "#{e.message} (#{hint})", cause: nil) : raise
      end
    end
    private_class_method :_new, :_deserialize, :_deserialize_file, :_validate

    # @!method engine
    #   @return [Engine] the engine it was made with
    # @!method serialize
    #   @return [String] the module as native code, for {deserialize}; ASCII-8BIT

    # @return [Array<ImportType>] in order
    # @raise [Error] for continuation types
    def imports
      _imports.map { |mod, name, desc| ImportType.new(mod, name, ExternType._from_desc(desc)) }
    end

    # @return [Array<ExportType>] in order
    # @raise [Error] for continuation types
    def exports
      _exports.map { |name, desc| ExportType.new(name, ExternType._from_desc(desc)) }
    end

    # Where the module's native code and data lie in this process, for debuggers and profilers of native code.
    # @return [Range<Integer>] addresses, without the last
    def image_range
      first, last = _image_range
      first...last
    end

    # @return [String] what it is, to be read by people
    def inspect
      size = "#{(image_range.size / 1024.0).ceil} KB"
      "#<Wasmtime::Module #{_imports.size} imports #{_exports.size} exports #{size}>"
    rescue Error
      "#<Wasmtime::Module continuation types #{size}>"
    end
  end
end
