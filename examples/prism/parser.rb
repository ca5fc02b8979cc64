# frozen_string_literal: true

require "securerandom"
require "wasmtime"
require_relative "reader"

# Parses Ruby with prism.wasm.
class PrismParser
  WASI = "wasi_snapshot_preview1"
  # What its WASI functions answer: "function not supported".
  ENOSYS = 52

  # @param wasm [String] the path of prism.wasm
  def initialize(wasm)
    engine = Wasmtime::Engine.default
    mod = Wasmtime::Module.from_file(engine, wasm)
    linker = Wasmtime::Linker.new(engine)
    # What prism calls, in Ruby; everything else WASI offers is a trap when called.
    linker.func_new(WASI, "random_get", %i[i32 i32], [:i32]) { |caller, pointer, length| random_get(caller, pointer, length) }
    linker.func_new(WASI, "fd_write", %i[i32 i32 i32 i32], [:i32]) { ENOSYS }
    linker.func_new(WASI, "proc_exit", [:i32], []) { |_caller, status| raise "prism exits with #{status}" }
    linker.define_unknown_imports_as_traps(mod)
    @pre = linker.instantiate_pre(mod)
  end

  # @param source [String] a Ruby program
  # @return [PrismReader::Result]
  def parse(source)
    Wasmtime::Store.open do |store|
      instance = @pre.instantiate(store)
      instance.invoke("_initialize")
      PrismReader.read(serialize(instance, source), source)
    end
  end

  private

  # The guest's C library asks for random bytes when it starts.
  def random_get(caller, pointer, length)
    caller.export("memory").write(pointer, SecureRandom.bytes(length))
    0
  end

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
