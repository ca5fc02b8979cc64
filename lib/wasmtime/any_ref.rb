# frozen_string_literal: true

module Wasmtime
  # A reference of the type `anyref`: a {StructRef}, an {ArrayRef}, or a host object that a guest (or {from_extern}) made internal.
  class AnyRef < Reference
    # The abstract types it belongs to.
    HEAP_TYPES = %i[any].freeze

    class << self
      # A host object as an internal reference, as `any.convert_extern` does it.
      # @param store [Store]
      # @param object [Object, nil] nil is null
      # @return [AnyRef, Integer, nil] for an {ExternRef} what it wraps
      # @raise [StoreClosedError] after the store was closed
      def from_extern(store, object)
        _from_extern(store, object)
      end
    end
    private_class_method :_from_extern

    # @!method to_extern
    #   The reference as an external one, as `extern.convert_any` does it.
    #   @return [Object] the host object itself where it is one, else an {ExternRef}
    #   @raise [StoreClosedError] after the store was closed
  end
end
