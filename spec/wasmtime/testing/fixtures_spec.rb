# frozen_string_literal: true

require "wasmtime/testing"

RSpec.describe Wasmtime::Testing.const_get(:Fixtures) do
  include_context "with a session of Wasmtime::Testing"

  let(:folder) { File.realpath(Dir.mktmpdir) }

  around do |example|
    Wasmtime.cache_dir = false
    Wasmtime::Testing.fixtures_path = folder
    example.run
  ensure
    Wasmtime.cache_dir = Wasmtime::Testing.fixtures_path = nil
    FileUtils.rm_rf(folder)
  end

  def write(name, text)
    File.write(File.join(folder, name), text)
  end

  it "compiles a file once, whichever way it is named" do
    write("a.wat", "(module)")
    mod = wasm_fixture("a.wat")
    expect(mod).to be_a(Wasmtime::Module)
    expect(wasm_fixture(Pathname("../#{File.basename(folder)}/a.wat"))).to equal(mod)
    expect(wasm_fixture(File.join(folder, "a.wat"))).to equal(mod)
  end

  it "takes binaries and components" do
    File.binwrite(File.join(folder, "b.wasm"), Wasmtime.wat2wasm("(component)"))
    expect(wasm_fixture("b.wasm")).to be_a(Wasmtime::Component::Component)
    expect(wasm_fixture(wat: "(component)")).to be_a(Wasmtime::Component::Component)
    expect(wasm_fixture(wat: Wasmtime.wat2wasm("(module)"))).to be_a(Wasmtime::Module)
  end

  it "compiles a file again that has changed" do
    write("a.wat", "(module)")
    before = wasm_fixture("a.wat")
    write("a.wat", '(module (func (export "f")))')
    expect(wasm_fixture("a.wat").exports.map(&:name)).to eq(["f"])
    expect(wasm_fixture("a.wat")).not_to equal(before)
  end

  it "compiles a text once, also when the String was changed meanwhile" do
    text = +'(module (func (export "one")))'
    mod = wasm_fixture(wat: text)
    text.sub!("one", "two")
    expect(wasm_fixture(wat: text).exports.map(&:name)).to eq(["two"])
    expect(wasm_fixture(wat: '(module (func (export "one")))')).to equal(mod)
  end

  it "has one for each engine" do
    engine = Wasmtime::Engine.new(consume_fuel: true)
    mod = wasm_fixture(wat: "(module)", engine: engine)
    expect(wasm_fixture(wat: "(module)", engine: engine)).to equal(mod)
    expect(wasm_fixture(wat: "(module)")).not_to equal(mod)
  end

  it "compiles once when many threads ask at the same time" do
    text = "(module (func (export \"f\") #{'nop ' * 20_000}))"
    allow(Wasmtime::Module).to receive(:new).and_call_original
    mods = Array.new(8) { Thread.new { wasm_fixture(wat: text) } }.map(&:value)
    expect(mods.uniq(&:object_id).size).to eq(1)
    expect(Wasmtime::Module).to have_received(:new).once
  end

  it "gives a forked child what its parent compiled, and lets it compile more" do
    expect(output_of(<<~RUBY)).to eq("true 42")
      require "wasmtime/testing"
      text = '(module (func (export "f") (result i32) i32.const 42))'
      mod = Wasmtime::Testing.fixture(wat: "(module)")
      fork do
        same = Wasmtime::Testing.fixture(wat: "(module)").equal?(mod)
        more = Wasmtime::Testing.fixture(wat: text)
        puts "\#{same} \#{Wasmtime::Instance.new(Wasmtime::Store.new, more).invoke("f")}"
        $stdout.flush
        exit!(0)
      end
      Process.wait
    RUBY
  end

  it "tells where it looked for a file that is not there, and what it may be called" do
    write("adder.wat", "(module)")
    expect { wasm_fixture("addr.wat") }.to raise_error(
      Wasmtime::Error,
      %(no fixture "addr.wat": there is no file #{folder}/addr.wat, did you mean "adder.wat"? (Wasmtime::Testing.fixtures_path is "#{folder}"))
    )
    expect { wasm_fixture("deep/none.wat") }.to raise_error(Wasmtime::Error, %r{there is no file #{folder}/deep/none\.wat \(})
  end

  it "tells when there is no folder of fixtures" do
    Wasmtime::Testing.fixtures_path = nil
    Dir.chdir(folder) do
      expect { wasm_fixture("a.wat") }.to raise_error(
        Wasmtime::Error,
        %(no fixture "a.wat": there is neither spec/fixtures nor test/fixtures in #{folder}; set Wasmtime::Testing.fixtures_path)
      )
    end
  end

  it "wants a path or a text" do
    expect { wasm_fixture }.to raise_error(ArgumentError, "wasm_fixture: give either a path or wat:, got neither")
    expect { wasm_fixture("a.wat", wat: "(module)") }.to raise_error(ArgumentError, "wasm_fixture: give either a path or wat:, not both")
    expect { wasm_fixture(5) }.to raise_error(TypeError, /no implicit conversion of Integer into String/)
    expect { wasm_fixture(wat: 5) }.to raise_error(TypeError, /no implicit conversion of Integer into String/)
    expect { wasm_fixture(wat: "(module)", engine: 5) }.to raise_error(TypeError, /Wasmtime::Engine/)
  end

  it "raises for what does not compile, each time" do
    2.times { expect { wasm_fixture(wat: "(modul)") }.to raise_error(Wasmtime::CompileError) }
  end
end
