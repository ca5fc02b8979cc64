# frozen_string_literal: true

require "tmpdir"

RSpec.describe "Wasmtime.plugins" do
  around do |example|
    Dir.mktmpdir { |path| (@path = path) && example.run }
  ensure
    Wasmtime.plugins = nil
  end

  it "teaches when there are none" do
    expect { Wasmtime.plugins }.to raise_error(Wasmtime::Error, /no plugins yet.*plugins_path.*rails generate wasmtime:plugin NAME.*Registry\.new/)
  end

  it "are those that were set, in every thread and in a forked process" do
    registry = Wasmtime::Plugin::Registry.new(@path)
    Wasmtime.plugins = registry
    expect(Wasmtime.plugins).to equal(registry)
    expect(Array.new(4) { Thread.new { Wasmtime.plugins } }.map(&:value)).to all(equal(registry))
    forked = fork { exit!(Wasmtime.plugins.equal?(registry)) }
    expect(Process.wait2(forked).last).to be_success
  end

  it "are none again after nil" do
    Wasmtime.plugins = Wasmtime::Plugin::Registry.new(@path)
    Wasmtime.plugins = nil
    expect { Wasmtime.plugins }.to raise_error(Wasmtime::Error)
  end

  it "refuses what is no registry, and keeps what there was" do
    registry = Wasmtime.plugins = Wasmtime::Plugin::Registry.new(@path)
    expect { Wasmtime.plugins = "plugins" }.to raise_error(TypeError, "plugins: expected a Wasmtime::Plugin::Registry or nil, got String")
    expect(Wasmtime.plugins).to equal(registry)
  end
end
