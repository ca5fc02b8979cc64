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

    # Preview 2, the interfaces `wasi:cli`, `wasi:clocks`, `wasi:filesystem`, `wasi:io`, `wasi:random` and `wasi:sockets` of version 0.2.
    #
    # @example
    #   linker = Wasmtime::Component::Linker.new(engine)
    #   Wasmtime::WASI::P2.add_to_linker_sync(linker)
    class P2
      # Defines all interfaces of preview 2. From then on the linker works only with stores that have a {WasiConfig}.
      # @param linker [Component::Linker]
      # @return [nil]
      # @raise [Error] when a name is taken already
      # @raise [TypeError] for anything but a component linker
      def self.add_to_linker_sync(linker)
        Wasmtime._check(linker, Component::Linker)

        linker.__send__(:_add_wasi_p2)
      end
    end

    # HTTP requests that guests make, the interfaces `wasi:http` of version 0.2. Preview 2 is needed besides.
    #
    # @example
    #   Wasmtime::WASI::P2.add_to_linker_sync(linker)
    #   Wasmtime::WASI::HTTP.add_to_linker_sync(linker)
    #   store = Wasmtime::Store.new(engine, wasi_config: Wasmtime::WasiConfig.new.allow_http)
    class HTTP
      # Defines the interfaces. From then on the linker works only with stores whose {WasiConfig} has {WasiConfig#allow_http}.
      # @param linker [Component::Linker]
      # @return [nil]
      # @raise [Error] when a name is taken already
      # @raise [TypeError] for anything but a component linker
      def self.add_to_linker_sync(linker)
        Wasmtime._check(linker, Component::Linker)

        linker.__send__(:_add_wasi_http)
      end
    end
  end
end
