# frozen_string_literal: true

module Wasmtime
  # A struct in a guest's heap.
  #
  # @example
  #   type = Wasmtime::StructType.new(engine, [Wasmtime::FieldType.var(:i32), :f64])
  #   point = Wasmtime::StructRef.new(store, type, [1, 2.5])
  #   point[0] = 7
  #   point.to_a # => [7, 2.5]
  class StructRef < EqRef
    # The abstract types it belongs to.
    HEAP_TYPES = %i[any eq struct].freeze

    class << self
      # @param store [Store]
      # @param type [StructType] a type of the store's engine
      # @param values [Array<Object>] one for each field
      # @return [StructRef]
      # @raise [ArgumentError] for another number of values, or a type of another engine
      # @raise [TypeError, RangeError] for a value that does not fit its field
      # @raise [Error] when the guest's heap is full
      def new(store, type, values)
        _new(store, type, Wasmtime._array(values))
      end
    end
    private_class_method :_new

    # @!method size
    #   @return [Integer] how many fields it has
    # @!method [](index)
    #   @param index [Integer] of a field, from 0
    #   @return [Object, nil] its value; packed integers are unsigned
    #   @raise [Error] past the last field
    # @!method []=(index, value)
    #   @param index [Integer] of a field, from 0
    #   @param value [Object, nil] packed integers keep their low bits
    #   @return [Object, nil] the value
    #   @raise [Error] past the last field, or for an immutable one
    #   @raise [TypeError, RangeError] for a value that does not fit

    # @return [Array<Object>] the values of all fields
    def to_a
      Array.new(size) { |index| self[index] }
    end
    alias deconstruct to_a
  end
end
