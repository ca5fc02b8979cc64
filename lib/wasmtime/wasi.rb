# frozen_string_literal: true

module Wasmtime
  # The WebAssembly System Interface: what programs use of files, streams, clocks and random numbers.
  module WASI
    # Preview 1, the functions of the module `wasi_snapshot_preview1`.
    #
    # @example
    #   linker = Wasmtime::Linker.new(engine)
    #   Wasmtime::WASI::P1.add_to_linker_sync(linker)
    #   store = Wasmtime::Store.new(engine, wasi_config: Wasmtime::WasiConfig.new.inherit_stdout)
    #   linker.instantiate(store, program).invoke("_start")
    class P1
      # Defines all functions of preview 1. From then on the linker works only with stores that have a {WasiConfig}.
      # @param linker [Linker]
      # @return [nil]
      # @raise [Error] when a name is taken already
      # @raise [TypeError] for anything but a Linker
      def self.add_to_linker_sync(linker)
        Wasmtime._check(linker, Linker)

        linker.__send__(:_add_wasi)
      end
    end
  end
end
