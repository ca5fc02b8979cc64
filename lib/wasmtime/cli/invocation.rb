# frozen_string_literal: true

require_relative "values"

module Wasmtime
  module CLI
    # A call of a function that a module or a component exports, to be run as a program is.
    # @api private
    class Invocation
      # @return [Array<String>] what the function gave; nothing before it was called, or when the guest exited
      attr_reader :results

      # @param path [String]
      # @param name [String] of the function, or of an interface and the function: "INTERFACE#NAME"
      # @param words [Array<String>] the values of its parameters
      # @param metered [Boolean] whether fuel is counted
      # @raise [Error] when there is no such function
      # @raise [UsageError] for words that are no values of its parameters
      def initialize(path, name, words, metered:)
        @code = Wasmtime.load(path, engine: Engine._default(metered))
        functions = module? ? module_functions : component_functions
        @path, @type = functions.fetch(name) { unknown(name, functions.keys) }
        @reactor = functions.key?("_initialize") && name != "_initialize"
        @values = module? ? Values.of_module(@type.params, words) : Values.of_component(@type.params, words)
        @results = []
      end

      # @return [Engine]
      def engine
        @code.engine
      end

      # @param store [Store] with WASI
      def call(store)
        @results = module? ? of_module(store) : of_component(store)
      end

      private

      def module?
        @code.is_a?(Module)
      end

      # A reactor has to be initialized before anything else is called.
      def of_module(store)
        instance = Linker.new(engine).tap { |linker| WASI::P1.add_to_linker_sync(linker) }.instantiate(store, @code)
        instance.invoke("_initialize") if @reactor
        result = instance.invoke(*@path, *@values)
        (@type.results.size > 1 ? result : [result].first(@type.results.size)).map(&:to_s)
      end

      def of_component(store)
        linker = Component::Linker.new(engine).tap { |made| WASI::P2.add_to_linker_sync(made) }
        result = linker.instantiate(store, @code).get_func(@path).call(*@values)
        @type.result ? [Values.text(result)] : []
      end

      # @return [Hash{String => Array(Array<String>, FuncType)}] where functions are, and their types
      def module_functions
        @code.exports.select { |item| item.type.is_a?(FuncType) }.to_h { |item| [item.name, [[item.name], item.type]] }
      end

      def component_functions
        @code.exports.each_with_object({}) do |(name, item), found|
          found[name] = [[name], item] if item.is_a?(Component::FuncType)
          next unless item.is_a?(Component::InstanceType)

          item.exports.each { |inner, type| found["#{name}##{inner}"] = [[name, inner], type] if type.is_a?(Component::FuncType) }
        end
      end

      def unknown(name, names)
        near = DidYouMean::SpellChecker.new(dictionary: names).correct(name).first if defined?(DidYouMean::SpellChecker)
        raise Error, "there is no function #{name.inspect}: #{near ? "did you mean #{near.inspect}?" : 'wasmtime-rb inspect shows what there is'}"
      end
    end
    private_constant :Invocation
  end
end
