# frozen_string_literal: true

module Wasmtime
  # The type of arrays in a guest's heap.
  #
  # @example
  #   Wasmtime::ArrayType.new(engine, Wasmtime::FieldType.var(:i16)).to_s # => "(array (mut i16))"
  class ArrayType < HeapType
    class << self
      # @param engine [Engine]
      # @param element [FieldType, Symbol, ValType, HeapType] a bare type makes immutable arrays
      # @return [ArrayType] the same type as a guest's final one with this element
      # @raise [ArgumentError] for a type that does not exist, or of another engine
      # @raise [Error] for an engine without `gc_support`
      def new(engine, element)
        _array(engine, FieldType._given(element)._desc)
      end
    end

    # @return [FieldType] its elements
    def element
      FieldType._from_desc(*_fields.first)
    end

    # @return [String] as in the text format
    def to_s
      "(array #{element})"
    end

    # For pattern matching.
    # @param _keys [Array<Symbol>, nil]
    # @return [Hash{Symbol => Object}]
    def deconstruct_keys(_keys)
      { element: element }
    end
  end
end
