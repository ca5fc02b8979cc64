# frozen_string_literal: true

require "wasmtime"
require_relative "reader"

# Parses Ruby with prism.wasm.
class PrismParser
  # @param wasm [String] the path of prism.wasm
  def initialize(wasm)
    mod = Wasmtime::Module.from_file(wasm)
    linker = Wasmtime::Linker.new
    Wasmtime::WASI::P1.add_to_linker_sync(linker)
    @pre = linker.instantiate_pre(mod)
  end

  # @param source [String] a Ruby program
  # @return [PrismReader::Result]
  def parse(source)
    # It may see nothing: no files, no environment, no standard streams.
    Wasmtime::Store.open(wasi_config: Wasmtime::WasiConfig.new) do |store|
      instance = @pre.instantiate(store)
      instance.invoke("_initialize")
      PrismReader.read(serialize(instance, source), source)
    end
  end

  private

  # Prism's functions by name; "calloc" and "free" are the guest's own.
  def serialize(instance, source)
    prism = instance.functions
    memory = instance.export("memory")
    buffer = prism.calloc(1, prism.pm_buffer_sizeof)
    prism.pm_buffer_init(buffer)
    instance.with_bytes(source) do |pointer, length|
      prism.pm_serialize_parse(buffer, pointer, length, 0)
    end
    bytes = memory.read(prism.pm_buffer_value(buffer), prism.pm_buffer_length(buffer))
    prism.pm_buffer_free(buffer)
    prism.free(buffer)
    bytes
  end
end
