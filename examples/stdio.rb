# frozen_string_literal: true

# Standard streams: from Strings, into Strings with a capacity, and from a pipe that a Ruby thread feeds while the guest waits.
require "tmpdir"
require "wasmtime"

LINKER = Wasmtime::Linker.new
Wasmtime::WASI::P1.add_to_linker_sync(LINKER)
PROGRAM = Wasmtime::Module.from_file(File.join(__dir__, "stdio.wat"))

def run(config)
  Wasmtime::Store.open(wasi_config: config) { |store| LINKER.instantiate(store, PROGRAM).invoke("_start") }
end

output = +""
errors = +""
run(Wasmtime::WasiConfig.new.set_stdin_string("hello, guest\n").set_stdout_buffer(output, 100).set_stderr_buffer(errors, 100))
puts "output #{output.inspect}, errors #{errors.inspect}"

short = +""
config = Wasmtime::WasiConfig.new.set_stdin_string("too much").set_stdout_buffer(short, 3)
run(config)
puts "#{short.inspect} of it fit, truncated: #{config.truncated?}"

both = +""
run(Wasmtime::WasiConfig.new.set_stdin_string("x" * 2000).set_stdout_buffer(both, 5000).set_stderr_buffer(both, 5000))
puts "in one String: #{both.gsub(/X+/) { |letters| "#{letters.size} X" }}"

Dir.mktmpdir do |folder|
  pipe = File.join(folder, "pipe")
  File.mkfifo(pipe)
  feeder = Thread.new { File.open(pipe, "w") { |file| 3.times { |i| file.write("line #{i}\n") } } }
  piped = +""
  run(Wasmtime::WasiConfig.new.set_stdin_file(pipe).set_stdout_buffer(piped, 1000))
  feeder.join
  puts "through a pipe: #{piped.inspect}"
end
