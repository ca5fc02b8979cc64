# frozen_string_literal: true

# A real program with files: resvg, an SVG renderer written in Rust, draws a picture. It sees two folders, one to read and one to write, and
# nothing else of the machine. `rake fixtures` fetches resvg.wasm first.
#
#   ruby -Ilib examples/resvg.rb [SVG [PNG]]
require "fileutils"
require "wasmtime"

root = File.expand_path("..", __dir__)
wasm = File.join(root, "fixtures/resvg.wasm")
abort "#{wasm} is missing: run `rake fixtures` first." unless File.file?(wasm)

svg = ARGV.fetch(0) { File.join(__dir__, "resvg/drawing.svg") }
png = ARGV.fetch(1) { File.join(root, "tmp/drawing.png") }
FileUtils.mkdir_p(File.dirname(png))

linker = Wasmtime::Linker.new
Wasmtime::WASI::P1.add_to_linker_sync(linker)
messages = +""
config = Wasmtime::WasiConfig.new
                             .set_argv(["resvg", "/in/#{File.basename(svg)}", "/out/#{File.basename(png)}"])
                             .set_mapped_directory(File.dirname(svg), "/in", :read_only)
                             .set_mapped_directory(File.dirname(png), "/out", :read_write)
                             .set_stderr_buffer(messages, 10_000)

begin
  Wasmtime::Store.open(wasi_config: config) do |store|
    linker.instantiate(store, Wasmtime::Module.from_file(wasm)).invoke("_start")
  end
rescue Wasmtime::WasiExit => e
  abort "resvg ended with status #{e.code}: #{messages}" unless e.code.zero?
end

# A PNG file tells its size at offset 16.
width, height = File.binread(png, 8, 16).unpack("N2")
puts "resvg drew #{File.basename(svg)} in WebAssembly: #{width} x #{height} pixels, #{File.size(png)} bytes"
puts "the picture is #{png.delete_prefix("#{root}/")}"
