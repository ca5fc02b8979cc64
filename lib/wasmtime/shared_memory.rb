# frozen_string_literal: true

module Wasmtime
  # A memory that several stores of one engine share. Its bytes are reached through the instances that import it.
  class SharedMemory
    include Extern

    # @!method size
    #   @return [Integer] pages now
    # @!method data_size
    #   @return [Integer] bytes now

    # @return [MemoryType] its type
    def type
      MemoryType._from_desc(_type)
    end
  end
end
