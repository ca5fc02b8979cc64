# frozen_string_literal: true

require "wasmtime"

# JavaScript in a sandbox: QuickJS, compiled to a WASI reactor. Each script gets an interpreter of its own.
class QuickJs
  # What a script threw.
  Error = Class.new(StandardError)

  # @param wasm [String] the path of quickjs.wasm
  def initialize(wasm)
    linker = Wasmtime::Linker.new
    Wasmtime::WASI::P1.add_to_linker_sync(linker)
    @pre = linker.instantiate_pre(Wasmtime::Module.from_file(wasm))
  end

  # @param script [String]
  # @return [String] what the script printed
  # @raise [Error] with JavaScript's words and stack, when it threw
  def run(script)
    output = +""
    errors = +""
    config = Wasmtime::WasiConfig.new.set_stdout_buffer(output, 1 << 20).set_stderr_buffer(errors, 1 << 16)
    Wasmtime::Store.open(wasi_config: config, limits: { memory_size: 64 << 20 }) do |store|
      instance = @pre.instantiate(store)
      instance.invoke("_initialize")
      raise Error, errors.strip unless instance.invoke("qjs_init_argv", *arguments(instance, ["qjs", "-e", script])).zero?
    end
    output
  end

  private

  # How C is given a list of texts: its length, and pointers to texts that end with a zero byte. The guest's own malloc finds room for them.
  def arguments(instance, texts)
    memory = instance.export("memory").to_memory
    place = lambda do |bytes|
      instance.invoke("malloc", bytes.bytesize).tap { |pointer| memory.write(pointer, bytes) }
    end
    [texts.size, place.call(texts.map { |text| place.call("#{text}\0") }.push(0).pack("V*"))]
  end
end
