# frozen_string_literal: true

# A WASI program: its functions come from Wasmtime, what it sees of the world from a WasiConfig, and it ends with a status.
require "wasmtime"

linker = Wasmtime::Linker.new
Wasmtime::WASI::P1.add_to_linker_sync(linker)
program = Wasmtime::Module.from_file(File.join(__dir__, "wasi.wat"))

output = +""
config = Wasmtime::WasiConfig.new.set_stdout_buffer(output, 1024)
begin
  Wasmtime::Store.open(wasi_config: config) { |store| linker.instantiate(store, program).invoke("_start") }
rescue Wasmtime::WasiExit => e
  puts "status #{e.code}"
end
puts "it wrote #{output.inspect}"

begin
  linker.instantiate(Wasmtime::Store.new, program)
rescue Wasmtime::Error => e
  puts e.message[/\A[^:]*/]
end
