# frozen_string_literal: true

module Wasmtime
  # An `externref` that wraps a value of the guest (`extern.convert_any`). Host objects in externrefs are themselves.
  class ExternRef < Reference
    # The abstract types it belongs to.
    HEAP_TYPES = %i[extern].freeze

    # @!method to_any
    #   The value inside, as `any.convert_extern` gives it.
    #   @return [AnyRef, Integer]
    #   @raise [StoreClosedError] after the store was closed
  end
end
