# frozen_string_literal: true

module Wasmtime
  class Runner
    # A module or a component that is a program, and how it is run.
    # @api private
    class Program
      # A component that said it failed.
      class Failed < Error; end

      class << self
        # @param source [String, Pathname, Module, Component::Component, nil] a path, or what it is
        # @param wasm [String, #read, Module, Component::Component, nil] what it is
        # @param engine [Engine, nil]
        # @param fuel [Integer, nil]
        # @return [Program]
        def find(source, wasm, engine, fuel, imports)
          given = [source, wasm].compact.size
          raise ArgumentError, "give either a path, a module or a component, or wasm:, #{given.zero? ? 'got neither' : 'not both'}" unless given == 1

          code, name = source.nil? ? [wasm, "main"] : [source, nil]
          return new(code, name || "main", imports) if code.is_a?(Module) || code.is_a?(Component::Component)

          engine ||= Engine._default(!fuel.nil?)
          source.nil? ? new(compile(wasm, engine), name, imports) : new(Wasmtime.load(source, engine: engine), File.basename(source), imports)
        end

        private

        def compile(wasm, engine)
          bytes = wasm.respond_to?(:read) ? wasm.read : wasm
          raise TypeError, "wasm: expected bytes, the text format or an IO, got #{wasm.class}" unless String.try_convert(bytes)

          Cache.type(bytes).new(engine, bytes)
        end
      end

      # @return [String] its own name, for its arguments
      attr_reader :name

      def initialize(code, name, imports)
        @code = code
        @name = name
        @imports = Hash.try_convert(imports) || raise(TypeError, "imports: expected a Hash, got #{imports.inspect}")
        check
      end

      def engine
        @code.engine
      end

      # Runs it to its end.
      # @raise [Failed] for a component that says it failed
      def call(store)
        component? ? call_component(store) : linker(Linker, WASI::P1).instantiate(store, @code).invoke("_start")
      end

      private

      def component?
        @code.is_a?(Component::Component)
      end

      def check
        return if component? ? Component::WasiCommand._find(@code) : @code.exports.any? { |item| start?(item) }

        kind, wanted = component? ? ["component", "wasi:cli/run@0.2"] : ["module", "a function _start"]
        raise Error, "#{@name} is no program: the #{kind} does not export #{wanted}; instantiate it, and call the functions that it exports"
      end

      def start?(item)
        item.name == "_start" && item.type.is_a?(FuncType)
      end

      def call_component(store)
        command = Component::WasiCommand.new(store, @code, linker(Component::Linker, WASI::P2))
        raise Failed if command._run.error?
      end

      # Linkers are kept by those who have the same thing linked again and again: with nothing but WASI.
      def linker(type, wasi)
        return made(type, wasi).tap { |linker| linker.define_all(@imports) } unless @imports.empty?

        LINKERS.once([type, engine]) { made(type, wasi) }
      end

      def made(type, wasi)
        type.new(engine).tap { |linker| wasi.add_to_linker_sync(linker) }
      end

      # How many engines are expected to be used in turn.
      LINKERS = Cache.const_get(:Memory).new(8)
      private_constant :LINKERS
    end
  end
end
