# frozen_string_literal: true

require "wasmtime/testing"

RSpec.describe Wasmtime::Testing do
  after do
    described_class.fixtures_path = nil
    described_class.default_timeout = described_class::DEFAULT_TIMEOUT
    described_class.fail_on_leak = false
  end

  it "is not loaded by the gem itself" do
    expect(output_of("p Wasmtime.const_defined?(:Testing)")).to eq("false")
  end

  it "looks for fixtures in the usual folder that exists" do
    Dir.mktmpdir do |folder|
      folder = File.realpath(folder)
      paths = Dir.chdir(folder) do
        %w[. test/fixtures spec/fixtures].map { |path| FileUtils.mkdir_p(path) && described_class.fixtures_path }
      end
      expect(paths).to eq([nil, "#{folder}/test/fixtures", "#{folder}/spec/fixtures"])
    end
  end

  it "looks where it was told, from the folder of then" do
    Dir.mktmpdir do |folder|
      Dir.chdir(folder) { described_class.fixtures_path = "wasm" }
      expect(described_class.fixtures_path).to eq(File.join(File.realpath(folder), "wasm"))
    end
    described_class.fixtures_path = Pathname("/wasm")
    expect(described_class.fixtures_path).to eq("/wasm")
  end

  it "refuses a folder that is no path" do
    expect { described_class.fixtures_path = 5 }.to raise_error(TypeError)
    expect { described_class.fixtures_path = "spec/\0" }.to raise_error(ArgumentError, /null byte/)
  end

  it "gives calls ten seconds, or what it was told" do
    expect(described_class.default_timeout).to eq(10)
    described_class.default_timeout = 2.5
    expect(described_class.default_timeout).to eq(2.5)
    described_class.default_timeout = nil
    expect(described_class.default_timeout).to be_nil
  end

  it "refuses a timeout that is none, and keeps the one before" do
    expect { described_class.default_timeout = 0 }.to raise_error(ArgumentError, "timeout: expected more than 0 seconds, got 0")
    expect { described_class.default_timeout = "1" }.to raise_error(TypeError, "timeout: expected a number of seconds, got String")
    expect(described_class.default_timeout).to eq(10)
  end

  it "does not look for leaks unless it was told" do
    expect(described_class.fail_on_leak).to be(false)
    described_class.fail_on_leak = 1
    expect(described_class.fail_on_leak).to be(true)
  end

  it "gives fixtures outside of examples" do
    mod = described_class.fixture(wat: "(module)")
    expect(mod).to be_a(Wasmtime::Module)
    expect(described_class.fixture(wat: "(module)")).to equal(mod)
  end
end
