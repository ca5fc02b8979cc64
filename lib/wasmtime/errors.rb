# frozen_string_literal: true

# All but the last are made when the extension is loaded; here they are described.
module Wasmtime
  # Everything that goes wrong in WebAssembly or around it. Mistakes in arguments are ArgumentError, TypeError, RangeError and EncodingError,
  # as everywhere in Ruby; an exception raised by a host block leaves as the same object.
  class Error < StandardError
    # @return [RunResult, nil] how the program ended, when {Wasmtime.run!} raised this
    attr_reader :result

    # @api private
    def _with(result)
      @result = result
      self
    end
  end

  # WebAssembly that cannot be parsed, validated or compiled.
  class CompileError < Error; end

  # Imports that are missing or have the wrong type.
  class LinkError < Error; end

  # An item that is of another kind than the one asked for.
  class ConversionError < Error; end

  # A result of a host block that WebAssembly cannot take.
  class ResultError < Error; end

  # WASI's `proc_exit`.
  class WasiExit < Error; end

  # A guest that was stopped by a trap.
  class Trap < Error; end

  # A guest that ran longer than it was allowed.
  class TimeoutError < Trap; end

  # A guest that used up its fuel.
  class OutOfFuelError < Trap; end

  # A guest that failed after it was denied memory.
  class MemoryLimitError < Trap; end

  # An exception of WebAssembly that nobody caught.
  class WasmException < Error; end

  # A store that cannot be used the way it was.
  class StoreError < Error; end

  # A store that another thread or fiber is using.
  class StoreBusyError < StoreError; end

  # A store that was closed.
  class StoreClosedError < StoreError; end

  # A store that was made in another process.
  class ForkedStoreError < StoreError; end

  # A pool that has no room left.
  class PoolExhaustedError < Error; end

  # Compiled code in a cache that another user could have written. See {Wasmtime.load}.
  class CacheError < Error; end
end
