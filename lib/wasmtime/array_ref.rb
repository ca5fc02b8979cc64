# frozen_string_literal: true

module Wasmtime
  # An array in a guest's heap.
  #
  # @example
  #   bytes = Wasmtime::ArrayType.new(engine, Wasmtime::FieldType.var(:i8))
  #   array = Wasmtime::ArrayRef.new(store, bytes, [1, 2, 255])
  #   array.map { |byte| byte + 1 } # => [2, 3, 256]
  class ArrayRef < EqRef
    include Enumerable

    # The abstract types it belongs to.
    HEAP_TYPES = %i[any eq array].freeze

    class << self
      # @param store [Store]
      # @param type [ArrayType] a type of the store's engine
      # @param values [Array<Object>] the elements
      # @return [ArrayRef]
      # @raise [ArgumentError] for a type of another engine
      # @raise [TypeError, RangeError] for a value that does not fit
      # @raise [Error] when the guest's heap is full
      def new(store, type, values)
        _new(store, type, Wasmtime._array(values))
      end

      # @param store [Store]
      # @param type [ArrayType] a type of the store's engine
      # @param size [Integer] how many elements
      # @param value [Object] of every element
      # @return [ArrayRef] an array of one value
      # @raise [ArgumentError] for a type of another engine
      # @raise [TypeError, RangeError] for a value that does not fit
      # @raise [Error] when the guest's heap is full
      def filled(store, type, size, value)
        _filled(store, type, value, size)
      end
    end
    private_class_method :_new, :_filled

    # @!method size
    #   @return [Integer] how many elements it has
    # @!method [](index)
    #   @param index [Integer] from 0
    #   @return [Object, nil] the element; packed integers are unsigned
    #   @raise [Error] past the last element
    # @!method []=(index, value)
    #   @param index [Integer] from 0
    #   @param value [Object, nil] packed integers keep their low bits
    #   @return [Object, nil] the value
    #   @raise [Error] past the last element, or for an immutable array
    #   @raise [TypeError, RangeError] for a value that does not fit

    # @yieldparam element [Object, nil]
    # @return [ArrayRef, Enumerator] itself
    def each
      return enum_for(:each) { size } unless block_given?

      size.times { |index| yield self[index] }
      self
    end

    # @return [Array<Object>] the elements, for pattern matching
    def deconstruct
      to_a
    end
  end
end
