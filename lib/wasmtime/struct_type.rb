# frozen_string_literal: true

module Wasmtime
  # The type of structs in a guest's heap.
  #
  # @example
  #   Wasmtime::StructType.new(engine, [:f64, Wasmtime::FieldType.var(:i8)]).to_s # => "(struct (field f64) (field (mut i8)))"
  class StructType < HeapType
    class << self
      # @param engine [Engine]
      # @param fields [Array<FieldType, Symbol, ValType, HeapType>] a bare type is an immutable field
      # @return [StructType] the same type as a guest's final one with these fields
      # @raise [ArgumentError] for a type that does not exist, or of another engine
      # @raise [Error] for an engine without `gc_support`
      def new(engine, fields)
        _struct(engine, Wasmtime._array(fields).map { |field| FieldType._given(field)._desc })
      end
    end

    # @return [Array<FieldType>] its fields
    def fields
      _fields.map { |storage, mutable| FieldType._from_desc(storage, mutable) }.freeze
    end

    # @return [String] as in the text format
    def to_s
      "(struct#{fields.map { |field| " (field #{field})" }.join})"
    end

    # For pattern matching.
    # @param _keys [Array<Symbol>, nil]
    # @return [Hash{Symbol => Object}]
    def deconstruct_keys(_keys)
      { fields: fields }
    end
  end
end
