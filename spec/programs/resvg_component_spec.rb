# frozen_string_literal: true

require "tmpdir"

RSpec.describe "resvg as a component, with WASI preview 2" do
  before(:all) do
    @component = Wasmtime::Component::Component.from_file(fixture("resvg_component"))
    @module = Wasmtime::Module.from_file(fixture("resvg"))
  end

  around { |example| Dir.mktmpdir { |folder| (@folder = folder) && example.run } }

  def linker
    Wasmtime::Component::Linker.new.tap { |linker| Wasmtime::WASI::P2.add_to_linker_sync(linker) }
  end

  # Runs a program with a folder and arguments; how it ended, and what it said.
  def drawing(*arguments, permissions: :read_write)
    said = +""
    config = wasi_config.set_argv(["resvg", *arguments]).set_mapped_directory(@folder, "/w", permissions)
    config.set_stdout_buffer(said, 10_000).set_stderr_buffer(said, 10_000)
    Wasmtime::Store.open(wasi_config: config) do |store|
      yield store
      [:returned, said]
    rescue Wasmtime::WasiExit => e
      [e.code, said]
    end
  end

  def as_component(*arguments, **options)
    drawing(*arguments, **options) { |store| Wasmtime::Component::WasiCommand.new(store, @component, linker).call_run(store) }
  end

  def as_module(*arguments, **options)
    drawing(*arguments, **options) { |store| wasi_linker.instantiate(store, @module).invoke("_start") }
  end

  it "draws the same picture, byte by byte, as with preview 1" do
    File.write(File.join(@folder, "a.svg"), <<~SVG)
      <svg xmlns="http://www.w3.org/2000/svg" width="200" height="120">
        <defs><radialGradient id="g"><stop offset="0" stop-color="#fff"/><stop offset="1" stop-color="#036"/></radialGradient></defs>
        <rect width="200" height="120" fill="url(#g)"/>
        <path d="M20 100 C 60 10, 140 10, 180 100 Z" fill="#c30" fill-opacity="0.6" stroke="#000" stroke-width="3"/>
      </svg>
    SVG
    expect(as_component("/w/a.svg", "/w/2.png")).to eq([:returned, ""])
    expect(as_module("/w/a.svg", "/w/1.png")).to eq([:returned, ""])
    first, second = %w[1 2].map { |name| File.binread(File.join(@folder, "#{name}.png")) }
    expect(first.byteslice(16, 8).unpack("N2")).to eq([200, 120])
    expect(second).to eq(first)
  end

  it "ends as with preview 1 when something is wrong" do
    File.write(File.join(@folder, "bad.svg"), "no picture")
    endings = [["/w/bad.svg", "/w/o.png"], ["/w/none.svg", "/w/o.png"], ["--help"], []].map { |arguments|
      [as_component(*arguments), as_module(*arguments)]
    }
    endings.each { |component, mod| expect(component.last).to eq(mod.last) }
    expect(endings.map { |component, mod| [component.first, mod.first] }).to eq([[1, 1], [1, 1], [0, 0], [1, 1]])
  end

  it "cannot write where it may only read" do
    File.write(File.join(@folder, "a.svg"), '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>')
    ending, said = as_component("/w/a.svg", "/w/o.png", permissions: :read_only)
    expect([ending, said, File.exist?(File.join(@folder, "o.png"))]).to match([1, /error/i, false])
  end

  it "asks for WASI where the linker or the store has none" do
    expect { Wasmtime::Component::Linker.new.instantiate(Wasmtime::Store.new, @component) }
      .to raise_error(Wasmtime::LinkError,
                      %r{missing import "wasi:cli/environment@0\.2\.\d+" "get-arguments": expected func\(\) -> list<string>.*WASI::P2}m)
    expect { linker.instantiate(Wasmtime::Store.new, @component) }.to raise_error(Wasmtime::Error, /\AStore is missing WASI configuration/)
    expect { Wasmtime::Component::WasiCommand.new(Wasmtime::Store.new, Wasmtime::Component::Component.new("(component)"), linker) }
      .to raise_error(Wasmtime::Error, "the component is no command: it exports no wasi:cli/run@0.2")
  end
end
