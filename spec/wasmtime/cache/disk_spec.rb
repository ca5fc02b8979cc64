# frozen_string_literal: true

require "tmpdir"
require "wasmtime/cache/disk"

RSpec.describe "Cache::Disk" do
  let(:above) { Dir.mktmpdir }
  let(:folder) { File.join(above, "cache/[deep]") }
  let(:disk) { Wasmtime.const_get(:Cache)::Disk.new(folder) }
  let(:engine) { Wasmtime::Engine.default }
  let(:wat) { '(module (func (export "five") (result i32) i32.const 5))' }

  after { FileUtils.rm_rf(above) }

  def files = Dir.children(folder).sort
  def path = File.join(folder, files.first)
  def five(mod) = Wasmtime::Instance.new(Wasmtime::Store.new(mod.engine), mod).invoke("five")

  def load(bytes = wat, engine: self.engine, type: Wasmtime::Module)
    compiled = false
    loaded = disk.fetch(type, engine, bytes) { (compiled = true) && type.new(engine, bytes) }
    [loaded, compiled]
  end

  it "compiles once, and loads what works the same" do
    expect(load.last).to be(true)
    loaded, compiled = load
    expect([compiled, five(loaded), loaded.exports.map(&:name)]).to eq([false, 5, ["five"]])
  end

  it "keeps code where Ruby converts what is written, as Rails makes it" do
    expect(output_of(<<~RUBY)).to eq("1")
      Encoding.default_internal = Encoding.default_external = "UTF-8"
      path = File.join(#{above.dump}, "five.wat")
      File.write(path, '(module (func (export "five") (result i32) i32.const 5))')
      Wasmtime.load(path, cache_dir: File.join(#{above.dump}, "cache"))
      print Dir.glob(File.join(#{above.dump}, "cache", "*.cwasm")).size
    RUBY
  end

  it "keeps code in a folder and in files that only their owner may read" do
    load
    expect([File.stat(folder).mode & 0o777, File.stat(File.dirname(folder)).mode & 0o777, File.stat(path).mode & 0o777]).to eq([0o700, 0o700, 0o600])
    expect(files).to contain_exactly(match(/\A\h{64}-\h{8}\.cwasm\z/))
  end

  it "tells other bytes, other kinds and other engines apart" do
    load
    others = [["(module)"], ["(component)", { type: Wasmtime::Component::Component }], [wat, { engine: Wasmtime::Engine.new(consume_fuel: true) }]]
    others.each do |bytes, options|
      2.times.map { load(bytes, **options.to_h).last }.then { |compiled| expect(compiled).to eq([true, false]) }
    end
    expect(load(wat, engine: Wasmtime::Engine.new).last).to be(false)
    expect(files.size).to eq(4)
  end

  it "tells versions of this gem apart" do
    load
    stub_const("Wasmtime::VERSION", "9.9.9")
    expect(load.last).to be(true)
  end

  {
    "a changed byte" => ->(code) { code.tap { code.setbyte(code.size / 2, code.getbyte(code.size / 2) ^ 1) } },
    "half a file" => ->(code) { code[0, code.size / 2] }, "an empty file" => ->(_) { "" }
  }.each do |what, damage|
    it "compiles again instead of loading #{what}" do
      load
      File.binwrite(path, damage.call(File.binread(path)))
      loaded, compiled = load
      expect([compiled, five(loaded), files.size, load.last]).to eq([true, 5, 1, false])
    end
  end

  it "compiles again when Wasmtime refuses a file that is whole" do
    load
    key = files.first[/\h{64}/]
    FileUtils.rm(path)
    File.binwrite(File.join(folder, format("%s-%08x.cwasm", key, Zlib.crc32("no code"))), "no code", perm: 0o600)
    expect(load.last).to be(true)
    expect(load.last).to be(false)
  end

  it "refuses a file that others may write, and leaves it" do
    load
    File.chmod(0o666, path)
    expect { load }.to raise_error(Wasmtime::CacheError, /others may write it \(its mode is 0666\)/)
    expect(files.size).to eq(1)
  end

  it "refuses a folder that others may write, before anything is compiled" do
    FileUtils.mkdir_p(folder)
    File.chmod(0o777, folder)
    expect { disk.fetch(Wasmtime::Module, engine, wat) { raise "compiled" } }.to raise_error(Wasmtime::CacheError, /its mode is 0777/)
  end

  it "compiles where there is no folder and none can be made" do
    File.write(File.join(above, "cache"), "a file")
    expect([load, load].map(&:last)).to eq([true, true])
  end

  it "compiles where the folder is full or closed, and leaves no halves" do
    allow(File).to receive(:rename).and_raise(Errno::ENOSPC)
    expect([load, load].map(&:last)).to eq([true, true])
    expect(files).to eq([])
  end

  it "says whether code is there" do
    expect(disk.include?(Wasmtime::Module, engine, wat)).to be(false)
    load
    expect(disk.include?(Wasmtime::Module, engine, wat)).to be(true)
  end

  it "lets what the compiler raises pass, and keeps nothing" do
    expect { load("(module (func (result i32)))") }.to raise_error(Wasmtime::CompileError)
    expect(files).to eq([])
  end
end
