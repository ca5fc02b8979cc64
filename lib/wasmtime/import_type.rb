# frozen_string_literal: true

module Wasmtime
  # What a module imports. It is the Hash the existing gem gives, `import["module"]`, `import["name"]`, `import["type"]`, with readers.
  class ImportType < Hash
    # @param mod [String, Symbol] the module name
    # @param name [String, Symbol] the name in it
    # @param type [ExternType]
    # @return [void]
    # @raise [TypeError] for what is no type
    def initialize(mod, name, type)
      raise TypeError, "type: expected a Wasmtime::ExternType, got #{type.class}" unless type.is_a?(ExternType)

      super()
      self["module"] = Wasmtime._name(mod).dup.freeze
      self["name"] = Wasmtime._name(name).dup.freeze
      self["type"] = type
      freeze
    end

    # @return [String] the module name; frozen
    def module
      self["module"]
    end

    # @return [String] the name in it; frozen
    def name
      self["name"]
    end

    # @return [FuncType, GlobalType, MemoryType, TableType, TagType] the type of what it imports
    def type
      self["type"]
    end

    # @return [String] as in the text format
    def to_s
      "(import #{self.module.dump} #{name.dump} #{type})"
    end

    # @return [String] the class and the text format
    def inspect
      "#<Wasmtime::ImportType #{self}>"
    end

    # For pattern matching.
    # @param _keys [Array<Symbol>, nil]
    # @return [Hash{Symbol => Object}] with the keys `:module`, `:name` and `:type`
    def deconstruct_keys(_keys)
      { module: self.module, name: name, type: type }
    end
  end
end
