# frozen_string_literal: true

module Wasmtime
  # What a module exports.
  class ExportType
    # @return [String] frozen
    attr_reader :name
    # @return [FuncType, GlobalType, MemoryType, TableType, TagType] the type of what it exports
    attr_reader :type

    # @param name [String]
    # @param type [ExternType]
    # @return [void]
    # @raise [TypeError] for what is no type
    def initialize(name, type)
      raise TypeError, "type: expected a Wasmtime::ExternType, got #{type.class}" unless type.is_a?(ExternType)

      @name = Wasmtime._name(name).dup.freeze
      @type = type
      freeze
    end

    # @return [String] as in the text format
    def to_s
      "(export #{name.dump} #{type})"
    end

    # @return [String] what it is, to be read by people
    def inspect
      "#<Wasmtime::ExportType #{self}>"
    end

    # @param other [Object]
    # @return [Boolean] whether both say the same
    def ==(other)
      other.is_a?(ExportType) && other.name == name && other.type == type
    end
    alias eql? ==

    # @return [Integer] the same for equal ones
    def hash
      [name, type].hash
    end

    # For pattern matching.
    # @param _keys [Array<Symbol>, nil]
    # @return [Hash{Symbol => Object}]
    def deconstruct_keys(_keys)
      { name: name, type: type }
    end
  end
end
