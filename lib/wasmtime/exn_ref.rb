# frozen_string_literal: true

module Wasmtime
  # A WebAssembly exception as a value: what `throw_ref` throws and `try_table` catches.
  #
  # @example
  #   exn = Wasmtime::ExnRef.new(store, tag, [42])
  #   exn.payload # => [42]
  class ExnRef < Reference
    # The abstract types it belongs to.
    HEAP_TYPES = %i[exn].freeze

    class << self
      # @param store [Store]
      # @param tag [Tag] a tag of the store
      # @param payload [Array<Object>] one value for each of the tag's parameters
      # @return [ExnRef]
      # @raise [ArgumentError] for another number of values
      # @raise [TypeError, RangeError] for a value that does not fit
      # @raise [StoreError] for a tag of another store
      def new(store, tag, payload = [])
        _new(store, tag, Wasmtime._array(payload))
      end
    end
    private_class_method :_new

    # @!method tag
    #   @return [Tag] the kind of exception
    # @!method size
    #   @return [Integer] how many values it carries
    # @!method [](index)
    #   @param index [Integer] from 0
    #   @return [Object, nil] a value of the payload
    #   @raise [Error] past the last one

    # @return [Array<Object>] the values it carries
    def payload
      Array.new(size) { |index| self[index] }
    end
    alias deconstruct payload
  end
end
