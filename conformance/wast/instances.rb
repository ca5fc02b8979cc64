# frozen_string_literal: true

require_relative "component_spectest"
require_relative "nodes"
require_relative "spectest"

module Conformance
  # The store a script's modules live in, and the names it gave them. A thread of a script has one of its own, and so has each component, which
  # does not end with another one's trap.
  class Instances
    # @return [Wasmtime::Engine]
    attr_reader :engine
    # @return [Wasmtime::Store]
    attr_reader :store

    # @param engine [Wasmtime::Engine]
    # @param definitions [Hash{String, nil => Wasmtime::Module, Wasmtime::Component::Component}] those known already
    # @param instances [Hash{String => Hash, Wasmtime::Component::Instance}] the exports of those known already
    def initialize(engine, definitions: {}, instances: {})
      @engine = engine
      @store = Wasmtime::Store.new(engine, gvl: :release)
      @definitions = definitions.dup
      @exports = instances
      @imports = { "spectest" => Spectest.exports(@store, engine) }
    end

    # Compiles a module or component and keeps it.
    # @param source [ModuleSource]
    # @return [Wasmtime::Module, Wasmtime::Component::Component]
    def define(source)
      @definitions[source.id] = @definitions[nil] = source.compile(@engine)
    end

    # @param mod [Wasmtime::Module, Wasmtime::Component::Component]
    # @return [Hash{String => Wasmtime::Extern}, Wasmtime::Component::Instance] the exports of an instance without a name
    def instantiate(mod)
      return Wasmtime::Instance.new(@store, mod, @imports).exports if mod.is_a?(Wasmtime::Module)

      @linker ||= ComponentSpectest.linker(@engine)
      @linker.instantiate(Wasmtime::Store.new(@engine, gvl: :release), mod)
    end

    # Instantiates a definition under a name. If that fails, there is no current instance: what follows shall not use the one before.
    # @param name [String, nil]
    # @yieldreturn [Wasmtime::Module, Wasmtime::Component::Component]
    def add(name)
      @exports.delete(nil)
      exports = instantiate(yield)
      @exports[name] = @exports[nil] = exports
    end

    # @return [Wasmtime::Module, Wasmtime::Component::Component]
    def definition(name)
      @definitions.fetch(name) { raise Malformed, "there is no module #{name || 'yet'}" }
    end

    # @return [Hash{String => Wasmtime::Extern}, Wasmtime::Component::Instance] the exports of a named instance, or of the last one
    def exports(name)
      @exports.fetch(name) { raise Malformed, name ? "there is no instance #{name}" : "there is no instance, or the last module failed" }
    end

    # Makes an instance's exports importable.
    def register(import_name, name)
      @imports = @imports.merge(import_name => core(name))
    end

    # The same for a thread, which sees of the instances only the shared memories.
    # @param names [Array<String>] of the instances it may use
    # @return [Instances]
    def for_thread(names)
      shared = names.to_h { |name| [name, core(name).select { |_, item| item.is_a?(Wasmtime::SharedMemory) }] }
      self.class.new(@engine, definitions: @definitions, instances: shared)
    end

    private

    def core(name)
      exports(name).tap { |exports| raise Malformed, "a component's exports cannot be imported" unless exports.is_a?(Hash) }
    end
  end
end
