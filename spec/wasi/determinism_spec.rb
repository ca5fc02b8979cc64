# frozen_string_literal: true

RSpec.describe "deterministic WASI" do
  def deterministic(*argv, **options)
    probe(*argv, **options, &:add_determinism)
  end

  def scheduling
    linker = Wasmtime::Linker.new
    Wasmtime::WASI::P1.add_to_linker_sync(linker)
    expect(linker.use_deterministic_scheduling_functions).to be_nil
    linker
  end

  it "stops the clocks" do
    expect(deterministic("clock")).to prints("realtime 0\nmonotonic 0\n")
    expect(probe("clock").stdout).to match(/\Arealtime [1-9]\d+\nmonotonic \d+\n\z/)
  end

  it "gives the same random bytes in every store" do
    2.times { expect(deterministic("random", "16")).to prints("9b6f26b76df9bf28798130983ecbb4ca\n") }
    expect(probe("random", "16").stdout).not_to eq(probe("random", "16").stdout)
  end

  it "schedules without waiting when asked to" do
    linker = scheduling
    expect(deterministic("sleep", "3600000", linker: linker)).to prints("slept\n")
    expect(deterministic("yield", linker: linker)).to prints("yielded\n")
    expect(deterministic("poll", "3600000", linker: linker)).to prints("stdin\nclock\n")
    expect(deterministic("clock", linker: linker)).to prints("realtime 0\nmonotonic 0\n")
  end

  it "keeps what other names the linker allows to be shadowed as it was" do
    linker = scheduling
    define = -> { linker.func_new("wasi_snapshot_preview1", "sched_yield", [], [:i32]) { 0 } }
    expect(&define).to raise_error(Wasmtime::Error, /defined twice/)
  end

  # Calls poll_oneoff as a guest might not.
  it "refuses what does not lie in the guest's memory" do
    mod = Wasmtime::Module.new(Wasmtime::Engine.default, <<~WAT)
      (module
        (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
        (memory (export "memory") 1)
        (func (export "poll") (param i32 i32 i32 i32) (result i32)
          (call $poll (local.get 0) (local.get 1) (local.get 2) (local.get 3))))
    WAT
    instance = scheduling.instantiate(Wasmtime::Store.new(wasi_config: wasi_config), mod)
    errno = { fault: 21, invalid: 28 }
    expect(instance.invoke("poll", 0, 0, 0, 0)).to eq(errno[:invalid])
    [[65_530, 0, 1, 0], [0, 65_530, 1, 0], [0, 100, 1, 65_533], [-1, -1, -1, -1], [0, 0, -1, 0], [-48, 0, 2, 0]].each do |arguments|
      expect(instance.invoke("poll", *arguments)).to eq(errno[:fault]), arguments.inspect
    end
    instance.export("memory").to_memory.write(8, "\x07")
    expect(instance.invoke("poll", 0, 100, 1, 200)).to eq(errno[:invalid])
  end

  it "excludes the network" do
    %i[inherit_network allow_tcp allow_udp allow_ip_name_lookup].each do |setting|
      config = wasi_config.add_determinism
      setting == :inherit_network ? config.inherit_network : config.public_send(setting, true)
      expect { Wasmtime::Store.new(wasi_config: config) }
        .to raise_error(Wasmtime::Error, "Sources of indeterminism cannot be combined with determinism: add_determinism excludes #{setting}")
    end
    expect(Wasmtime::Store.new(wasi_config: wasi_config.add_determinism.allow_tcp(false))).to be_a(Wasmtime::Store)
  end
end
