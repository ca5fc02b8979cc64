# frozen_string_literal: true

require "json"
require "stringio"
require "tmpdir"

RSpec.describe Wasmtime::GuestProfiler do
  let(:store) { Wasmtime::Store.new }
  let(:mod) do
    Wasmtime::Module.new(<<~WAT)
      (module $app
        (func $spin (export "spin") (param i32)
          (loop $again (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
        (func $outer (export "outer") (param i32) (call $spin (local.get 0))))
    WAT
  end
  let(:instance) { Wasmtime::Instance.new(store, mod) }
  let(:file) { StringIO.new }

  # Runs until some samples are there, whatever the machine manages in a second.
  def profile(modules = { "app" => mod }, **options)
    described_class.profile(store, modules, to: file, **options) { 10.times { instance.invoke("outer", 20_000_000) } }
    JSON.parse(file.string)
  end

  def names(profile)
    profile.fetch("threads").flat_map { |thread| thread.fetch("stringArray") }
  end

  it "writes what Firefox's profiler reads, with the names of functions" do
    found = profile(name: "my guest")
    expect(found.fetch("meta")).to include("interval", "product" => "my guest")
    expect(found.fetch("threads").first.fetch("samples").fetch("length")).to be > 1
    expect(names(found)).to include("spin", "outer")
  end

  it "names functions of the modules it is given only" do
    expect(names(profile([]))).not_to include("spin")
    file.truncate(0)
    file.rewind
    expect(names(profile(mod))).to include("spin")
  end

  it "gives what the block returns, and writes the profile of a block that raises" do
    expect(described_class.profile(store, mod, to: file) { :done }).to eq(:done)
    file.truncate(0)
    expect { described_class.profile(store, mod, to: file) { raise IOError, "no" } }.to raise_error(IOError, "no")
    expect(JSON.parse(file.string.delete("\0"))).to include("threads")
  end

  it "writes to a path" do
    Dir.mktmpdir do |folder|
      path = File.join(folder, "profile.json")
      described_class.profile(store, mod, to: path) { instance.invoke("spin", 10) }
      described_class.profile(store, mod, to: Pathname.new("#{path}2")) { instance.invoke("spin", 10) }
      expect([path, "#{path}2"].map { |name| JSON.parse(File.read(name)).key?("meta") }).to eq([true, true])
    end
  end

  it "samples released calls too, and leaves the store as it was" do
    described_class.profile(store, mod, to: file, interval: 0.0005) { 5.times { instance.invoke("spin", 20_000_000, gvl: :release) } }
    expect(JSON.parse(file.string).fetch("threads").first.fetch("samples").fetch("length")).to be > 1
    expect(instance.invoke("spin", 1)).to be_nil
    expect(described_class.profile(store, mod, to: StringIO.new) { 1 }).to eq(1)
  end

  it "profiles a store once at a time" do
    described_class.profile(store, mod, to: file) do
      expect { described_class.profile(store, mod, to: file) { 1 } }.to raise_error(Wasmtime::StoreBusyError, "the store is being profiled already")
    end
  end

  it "ends with the store" do
    expect(described_class.profile(store, mod, to: file) { store.close }).to be(true)
    expect(file.string).to eq("")
    expect { described_class.profile(store, mod, to: file) { 1 } }.to raise_error(Wasmtime::StoreClosedError)
  end

  it "refuses what cannot be profiled" do
    expect { described_class.profile(store, mod, to: file) }.to raise_error(ArgumentError, "no block given")
    [0, -1, nil, "1"].each do |interval|
      expect { described_class.profile(store, mod, to: file, interval: interval) { 1 } }
        .to raise_error(ArgumentError, "interval: expected seconds above 0, got #{interval.inspect}")
    end
    expect { described_class.profile(mod, mod, to: file) { 1 } }.to raise_error(TypeError, /Wasmtime::Store/)
    expect { described_class.profile(store, [1], to: file) { 1 } }.to raise_error(TypeError)
    foreign = Wasmtime::Module.new(Wasmtime::Engine.new, "(module)")
    expect { described_class.profile(store, foreign, to: file) { 1 } }
      .to raise_error(Wasmtime::Error, "the module and the store belong to different engines")
    deaf = Wasmtime::Store.new(Wasmtime::Engine.new(interruptible: false))
    expect { described_class.profile(deaf, [], to: file) { 1 } }.to raise_error(Wasmtime::Error, /interruptible: true/)
  end
end
