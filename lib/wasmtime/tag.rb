# frozen_string_literal: true

module Wasmtime
  # A kind of WebAssembly exception.
  class Tag
    include Extern

    # @!method store
    #   @return [Store] the store it belongs to

    # @return [TagType] its type
    def type
      TagType._from_desc([:tag, _params])
    end
  end
end
