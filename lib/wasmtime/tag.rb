# frozen_string_literal: true

module Wasmtime
  # A kind of WebAssembly exception.
  #
  # @example A host block throws what the guest may catch
  #   tag = Wasmtime::Tag.new(store, [:i32])
  #   Wasmtime::Func.new(store, [], []) { raise tag.exception(42) }
  class Tag
    include Extern

    class << self
      # @param store [Store]
      # @param params [Array<Symbol, ValType, HeapType>, TagType] the types of the payload
      # @return [Tag]
      # @raise [ArgumentError] for a type that does not exist, or of another engine
      # @raise [StoreClosedError] after the store was closed
      def new(store, params = [])
        params = params.params if params.is_a?(TagType)
        _new(store, Wasmtime._array(params).map { |type| ValType._given(type) })
      end
    end
    private_class_method :_new

    # @!method store
    #   @return [Store] the store it belongs to

    # @!method ==(other)
    #   @param other [Object]
    #   @return [Boolean] whether it is the same tag
    # @!method eql?(other)
    #   @param other [Object]
    #   @return [Boolean] as {#==}
    # @!method hash
    #   @return [Integer] the same for equal ones

    # @return [TagType] its type
    def type
      TagType.new(_params)
    end

    # An exception to raise: `raise tag.exception(42)` in a host block throws it to the guest, which may catch it.
    # @param payload [Array<Object>] one value for each parameter of the tag
    # @return [WasmException]
    # @raise [ArgumentError] for another number of values
    # @raise [TypeError, RangeError] for a value that does not fit
    def exception(*payload)
      WasmException.new(tag: self, payload: payload)
    end
  end
end
