# frozen_string_literal: true

module Wasmtime
  # A table of references. Sizes and indexes are in elements.
  #
  # @example
  #   table = Wasmtime::Table.new(store, :funcref, nil, min_size: 2)
  #   table.set(0, func)
  #   table.map { |f| f&.call } # Enumerable
  class Table
    include Extern
    include Enumerable

    # @param store [Store]
    # @param type [Symbol, ValType, HeapType] a reference type, such as :funcref or :externref
    # @param initial [Object, nil] what every element is at the start
    # @param min_size [Integer] elements at the start
    # @param max_size [Integer, nil] elements at most; nil for no maximum
    # @param table64 [Boolean] whether indexes have 64 bits
    # @return [Table]
    # @raise [TypeError] for an initial value of another type
    # @raise [Error] for a type that is no reference, or past the store's limits
    def self.new(store, type, initial, min_size:, max_size: nil, table64: false)
      type = ValType.new(type) if type.is_a?(HeapType)
      _new(store, type, initial, min_size, max_size, table64 ? true : false)
    end
    private_class_method :_new

    # @!method store
    #   @return [Store] the store it belongs to
    # @!method min_size
    #   @return [Integer] elements at the start
    # @!method max_size
    #   @return [Integer, nil] elements at most
    # @!method size
    #   @return [Integer] elements now
    # @!method get(index)
    #   @param index [Integer]
    #   @return [Object, nil] the element; nil for null, and past the end
    #   @raise [RangeError] for a negative index

    # @return [Symbol, ValType] the element type
    def type
      ValType._public(_element)
    end

    # Replaces an element.
    # @param index [Integer]
    # @param value [Object, nil]
    # @return [nil]
    # @raise [TypeError] for a value of another type
    # @raise [Error] past the end
    def set(index, value)
      _set(index, value)
    end

    # @param index [Integer]
    # @return [Object, nil] as {#get}
    def [](index)
      get(index)
    end

    # Replaces an element, as {#set}.
    # @param index [Integer]
    # @param value [Object, nil]
    # @return [Object, nil]
    # @raise [TypeError, Error] as {#set}
    def []=(index, value)
      _set(index, value)
    end

    # @param delta [Integer] elements to add
    # @param initial [Object, nil] what the new elements are
    # @return [Integer] elements before
    # @raise [Error] "failed to grow table by ..." past its maximum or the store's limit
    def grow(delta, initial = nil)
      _grow(delta, initial)
    end

    # Goes through the elements; what is added meanwhile is seen.
    # @yieldparam element [Object, nil] each element in order
    # @return [self, Enumerator]
    def each
      return enum_for(:each) { size } unless block_given?

      index = 0
      while index < size
        yield get(index)
        index += 1
      end
      self
    end

    # @return [Boolean] whether indexes have 64 bits
    def table64?
      _table64?
    end

    private

    def _inspect_type
      " #{size} #{type}"
    rescue Error
      super
    end
  end
end
