# frozen_string_literal: true

RSpec.describe "Component::HostImports" do
  imports = Wasmtime::Component.const_get(:HostImports)

  def answered(given, wanted)
    Wasmtime::Component.const_get(:HostImports).match([*given], wanted)
  end

  it "answer an interface by its name" do
    host = imports.new({ "test:host/clock@1.0.0" => { now: -> { 5 } } })
    expect(host.interface("test:host/clock@1.0.0").function("now").call).to eq(5)
    expect(host.interface("test:host/clocks@1.0.0")).to be_nil
  end

  it "answer any version when they have none" do
    expect(answered("wasi:logging/logging", "wasi:logging/logging@0.1.0-draft")).to eq("wasi:logging/logging")
    expect(answered("wasi:logging/logging", "wasi:logging/logging")).to eq("wasi:logging/logging")
  end

  [
    ["1.0.0", "1.2.3", true], ["1.2.3", "1.0.0", true], ["1.0.0", "2.0.0", false], ["10.0.0", "1.0.0", false],
    ["0.2.0", "0.2.3", true], ["0.2.0", "0.3.0", false], ["0.0.1", "0.0.1", true], ["0.0.1", "0.0.2", false],
    ["0.1.0-draft", "0.1.0-draft", true], ["0.1.0", "0.1.0-draft", false], ["0.1.0-draft", "0.1.0", false], ["1.0.0", nil, false]
  ].each do |given, wanted, answers|
    it "#{answers ? 'answer' : 'do not answer'} #{wanted || 'no version'} with #{given}" do
      expect(answered("a:b/c@#{given}", ["a:b/c", *wanted].join("@"))).to eq(answers ? "a:b/c@#{given}" : nil)
    end
  end

  it "prefer the same version, then one that is compatible" do
    given = %w[a:b/c a:b/c@1.0.0 a:b/c@1.1.0]
    expect(answered(given, "a:b/c@1.1.0")).to eq("a:b/c@1.1.0")
    expect(answered(given, "a:b/c@1.2.0")).to eq("a:b/c@1.0.0")
    expect(answered(given, "a:b/c@2.0.0")).to eq("a:b/c")
  end

  it "take Symbols, and underscores for hyphens" do
    host = imports.new({ my_host: { f: -> { 1 } }, "a:b/c": { f: -> { 2 } } })
    expect(host.interface("my-host").function("f").call).to eq(1)
    expect(host.interface("a:b/c").function("f").call).to eq(2)
  end

  it "answer functions without an interface" do
    expect(imports.new({ log_all: -> { 1 } }).root.function("log-all").call).to eq(1)
    expect(imports.new.root.function("log")).to be_nil
  end

  it "may be given in parts, of which the last comes first" do
    host = imports.new({ "a:b/c" => { f: -> { 1 }, g: -> { 1 } }, h: -> { 1 } }, { "a:b/c@1.0.0" => { f: -> { 2 } }, h: -> { 2 } })
    interface = host.interface("a:b/c@1.0.0")
    expect(%w[f g].map { |name| interface.function(name).call }).to eq([2, 1])
    expect(host.root.function("h").call).to eq(2)
    expect(host.names).to eq(%w[a:b/c h a:b/c@1.0.0])
  end

  it "are a Hash of names" do
    expect { imports.new([]) }.to raise_error(TypeError, "imports: expected a Hash, got Array")
    expect { imports.new({ 1 => {} }) }.to raise_error(TypeError, "no implicit conversion of Integer into String")
  end

  it "are not public" do
    expect { Wasmtime::Component::HostImports }.to raise_error(NameError)
  end
end
