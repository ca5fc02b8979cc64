# frozen_string_literal: true

module Wasmtime
  # @!method self.wat2wasm(wat)
  #   Translates the text format to the binary format.
  #   @param wat [String]
  #   @return [String] ASCII-8BIT
  #   @raise [Error] with line and column
  #   @example
  #     Wasmtime.wat2wasm("(module)") # => "\0asm\x01\0\0\0"
end
