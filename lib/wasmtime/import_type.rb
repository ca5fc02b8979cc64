# frozen_string_literal: true

module Wasmtime
  # What a module imports. It also answers like the Hash the existing gem gives: `import["module"]`, `import["name"]`, `import["type"]`.
  class ImportType
    # @return [String] the module name; frozen
    attr_reader :module
    # @return [String] the name in it; frozen
    attr_reader :name
    # @return [FuncType, GlobalType, MemoryType, TableType, TagType] the type of what it imports
    attr_reader :type

    # @param mod [String]
    # @param name [String]
    # @param type [ExternType]
    # @return [void]
    # @raise [TypeError] for what is no type
    def initialize(mod, name, type)
      raise TypeError, "type: expected a Wasmtime::ExternType, got #{type.class}" unless type.is_a?(ExternType)

      @module = Wasmtime._name(mod).dup.freeze
      @name = Wasmtime._name(name).dup.freeze
      @type = type
      freeze
    end

    # @param key [String] "module", "name" or "type"
    # @return [String, ExternType, nil] what it says for the key
    def [](key)
      to_h[key]
    end

    # @param key [String]
    # @param default [Array<Object>] what to return for another key
    # @yieldparam key [String] a key that is not there; what the block returns stands for its value
    # @return [Object] what it says for the key
    # @raise [KeyError] for another key without a default
    def fetch(key, *default, &)
      to_h.fetch(key, *default, &)
    end

    # @return [Array<String>] "module", "name" and "type"
    def keys
      to_h.keys
    end

    # @return [Hash{String => Object}] all it says, by key
    def to_h
      { "module" => self.module, "name" => name, "type" => type }
    end
    alias to_hash to_h

    # @return [String] as in the text format
    def to_s
      "(import #{self.module.dump} #{name.dump} #{type})"
    end

    # @return [String] what it is, to be read by people
    def inspect
      "#<Wasmtime::ImportType #{self}>"
    end

    # @param other [Object]
    # @return [Boolean] whether both say the same
    def ==(other)
      to_h == (other.is_a?(ImportType) ? other.to_h : other)
    end

    # @param other [Object]
    # @return [Boolean] whether both are ImportTypes that say the same
    def eql?(other)
      other.is_a?(ImportType) && to_h == other.to_h
    end

    # @return [Integer] the same for equal ones
    def hash
      to_h.hash
    end

    # For pattern matching.
    # @param _keys [Array<Symbol>, nil]
    # @return [Hash{Symbol => Object}]
    def deconstruct_keys(_keys)
      { module: self.module, name: name, type: type }
    end
  end
end
