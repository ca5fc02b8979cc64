# frozen_string_literal: true

require_relative "nodes"
require_relative "spectest"

module Conformance
  # The store a script's modules live in, and the names it gave them. A thread of a script has one of its own.
  class Instances
    # @return [Wasmtime::Engine]
    attr_reader :engine
    # @return [Wasmtime::Store]
    attr_reader :store

    # @param engine [Wasmtime::Engine]
    # @param definitions [Hash{String, nil => Wasmtime::Module}] those known already
    # @param instances [Hash{String => Hash}] the exports of those known already
    def initialize(engine, definitions: {}, instances: {})
      @engine = engine
      @store = Wasmtime::Store.new(engine, gvl: :release)
      @definitions = definitions.dup
      @exports = instances
      @imports = { "spectest" => Spectest.exports(@store, engine) }
    end

    # Compiles a module and keeps it.
    # @param source [ModuleSource]
    # @return [Wasmtime::Module]
    def define(source)
      @definitions[source.id] = @definitions[nil] = source.compile(@engine)
    end

    # @param mod [Wasmtime::Module]
    # @return [Wasmtime::Instance] without a name
    def instantiate(mod)
      Wasmtime::Instance.new(@store, mod, @imports)
    end

    # Instantiates a definition under a name. If that fails, there is no current instance: what follows shall not use the one before.
    # @param name [String, nil]
    # @yieldreturn [Wasmtime::Module]
    def add(name)
      @exports.delete(nil)
      exports = instantiate(yield).exports
      @exports[name] = @exports[nil] = exports
    end

    # @return [Wasmtime::Module]
    def definition(name)
      @definitions.fetch(name) { raise Malformed, "there is no module #{name || 'yet'}" }
    end

    # @return [Hash{String => Wasmtime::Extern}] the exports of a named instance, or of the last one
    def exports(name)
      @exports.fetch(name) { raise Malformed, name ? "there is no instance #{name}" : "there is no instance, or the last module failed" }
    end

    # Makes an instance's exports importable.
    def register(import_name, name)
      @imports = @imports.merge(import_name => exports(name))
    end

    # The same for a thread, which sees of the instances only the shared memories.
    # @param names [Array<String>] of the instances it may use
    # @return [Instances]
    def for_thread(names)
      shared = names.to_h { |name| [name, exports(name).select { |_, item| item.is_a?(Wasmtime::SharedMemory) }] }
      self.class.new(@engine, definitions: @definitions, instances: shared)
    end
  end
end
