# frozen_string_literal: true

module Wasmtime
  # A reference that can be compared: a {StructRef} or an {ArrayRef}. Numbers, the third kind of `eqref`, are Integers.
  class EqRef < AnyRef
    # The abstract types it belongs to.
    HEAP_TYPES = %i[any eq].freeze
  end
end
