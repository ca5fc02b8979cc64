# frozen_string_literal: true

# WASI preview 2: resvg, an SVG renderer in Rust, as a component. It sees two folders, one to read and one to write. `rake fixtures` makes
# fixtures/resvg_component.wasm first.
#
#   ruby -Ilib examples/wasi_p2.rb [SVG [PNG]]
require "fileutils"
require "wasmtime"

root = File.expand_path("..", __dir__)
wasm = File.join(root, "fixtures/resvg_component.wasm")
abort "#{wasm} is missing: run `rake fixtures` first." unless File.file?(wasm)

svg = ARGV.fetch(0) { File.join(__dir__, "resvg/drawing.svg") }
png = ARGV.fetch(1) { File.join(root, "tmp/component.png") }
FileUtils.mkdir_p(File.dirname(png))

linker = Wasmtime::Component::Linker.new
Wasmtime::WASI::P2.add_to_linker_sync(linker)
messages = +""
config = Wasmtime::WasiConfig.new
                             .set_argv(["resvg", "/in/#{File.basename(svg)}", "/out/#{File.basename(png)}"])
                             .set_mapped_directory(File.dirname(svg), "/in", :read_only)
                             .set_mapped_directory(File.dirname(png), "/out", :read_write)
                             .set_stderr_buffer(messages, 10_000)

begin
  Wasmtime::Store.open(wasi_config: config) do |store|
    component = Wasmtime::Component::Component.from_file(wasm)
    puts "the program is a component that imports #{component.imports.size} interfaces of WASI"
    Wasmtime::Component::WasiCommand.new(store, component, linker).call_run(store, timeout: 60)
  end
rescue Wasmtime::WasiExit => e
  abort "resvg ended with status #{e.code}: #{messages}" unless e.code.zero?
end

width, height = File.binread(png, 8, 16).unpack("N2")
puts "resvg drew #{File.basename(svg)}: #{width} x #{height} pixels, #{File.size(png)} bytes"
