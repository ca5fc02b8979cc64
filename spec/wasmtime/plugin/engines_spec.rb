# frozen_string_literal: true

RSpec.describe "engines of plugins" do
  def engines = Wasmtime::Plugin.const_get(:Engines)

  it "are the same for all plugins, one of each kind" do
    kinds = [false, true].flat_map { |metered| [engines.pooling(metered), engines.on_demand(metered)] }
    again = [false, true].flat_map { |metered| [engines.pooling(metered), engines.on_demand(metered)] }
    expect(kinds.zip(again)).to all(satisfy { |one, other| one.equal?(other) })
    expect(kinds.map(&:engine).uniq.size).to eq(4)
    expect(Array.new(8) { Thread.new { engines.pooling(true) } }.map(&:value).uniq).to eq([kinds[2]])
  end

  it "have room for the instances that are promised, each as large as may be" do
    room = engines.pooling(false)
    mod = Wasmtime::Module.new(room.engine, "(module (memory 1 65536) (table 10 funcref) (table 10 funcref) (table 10 funcref) (table 10 funcref))")
    stores = Array.new(engines::SLOTS) { Wasmtime::Store.new(room.engine).tap { |store| Wasmtime::Instance.new(store, mod) } }
    expect(stores.size).to eq(64)
  ensure
    stores&.each(&:close)
  end

  it "do without a pool where there is no address space for it" do
    path = write("five.wat", '(module (memory 1) (func (export "five") (result i32) i32.const 5))')
    expect(output_of(<<~RUBY)).to eq("5 false")
      Process.setrlimit(:AS, 100 << 30)
      plugin = Wasmtime::Plugin.load(#{path.inspect}, cache_dir: false)
      puts "\#{plugin.call(:five)} \#{!Wasmtime::Plugin.const_get(:Engines).pooling(false).slots.nil?}"
    RUBY
  end

  it "fail as engines where there is none for an instance" do
    path = write("five.wat", '(module (memory 1) (func (export "five") (result i32) i32.const 5))')
    output = output_of(<<~RUBY)
      Process.setrlimit(:AS, 3 << 30)
      plugin = Wasmtime::Plugin.load(#{path.inspect}, cache_dir: false)
      begin
        plugin.call(:five)
      rescue => e
        puts e.class, e.cause.class, e.message
      end
    RUBY
    expect(output).to match(/\AWasmtime::Plugin::EngineError\nWasmtime::Error\nplugin five: five: the engine failed: .*Cannot allocate memory/)
  end
end
