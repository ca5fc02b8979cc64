# frozen_string_literal: true

module Wasmtime
  # A field of a {StructType}, or the element of an {ArrayType}: what it stores, and whether it can be set.
  class FieldType
    # Integers that take less room than an i32: they are read unsigned, and written by their low bits.
    PACKED = %i[i8 i16].freeze
    # Types that store numbers.
    NUMBERS = (PACKED + %i[i32 i64 f32 f64]).freeze

    class << self
      # @param type [Symbol, ValType, HeapType] :i8, :i16 or a value type; a HeapType stands for nullable references to it
      # @return [FieldType] one that cannot be set
      # @raise [ArgumentError] for a type that does not exist
      def const(type)
        new(type, mutable: false)
      end

      # @param type [Symbol, ValType, HeapType] :i8, :i16 or a value type; a HeapType stands for nullable references to it
      # @return [FieldType] one that can be set
      # @raise [ArgumentError] for a type that does not exist
      def var(type)
        new(type, mutable: true)
      end

      # @api private
      def _from_desc(storage, mutable)
        new(PACKED.include?(storage) ? storage : ValType._public(storage), mutable: mutable)
      end

      # @api private
      def _given(field)
        field.is_a?(FieldType) ? field : const(field)
      end
    end

    # @return [Symbol, ValType] what it stores
    attr_reader :type

    # @param type [Symbol, ValType, HeapType] :i8, :i16 or a value type; a HeapType stands for nullable references to it
    # @param mutable [Boolean] whether it can be set
    # @return [void]
    # @raise [ArgumentError] for a type that does not exist
    def initialize(type, mutable: false)
      @type = PACKED.include?(type) ? type : ValType._given(type)
      @mutable = mutable ? true : false
      freeze
    end

    # @return [Boolean] whether it can be set
    def mutable?
      @mutable
    end

    # @param other [Object]
    # @return [Boolean] whether both say the same
    def ==(other)
      other.is_a?(FieldType) && other._desc == _desc
    end
    alias eql? ==

    # @return [Integer] the same for equal ones
    def hash
      _desc.hash
    end

    # @return [String] as in the text format
    def to_s
      mutable? ? "(mut #{type})" : type.to_s
    end

    # @return [String] what it is, to be read by people
    def inspect
      "#<Wasmtime::FieldType #{self}>"
    end

    # For pattern matching.
    # @param _keys [Array<Symbol>, nil]
    # @return [Hash{Symbol => Object}]
    def deconstruct_keys(_keys)
      { type: type, mutable: mutable? }
    end

    # @api private
    def _desc
      [type, mutable?]
    end
  end
end
