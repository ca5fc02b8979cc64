# frozen_string_literal: true

require "tmpdir"

# Linux's perf finds the names of compiled functions in files that the engine writes.
RSpec.describe "the engine option profiler:", if: RUBY_PLATFORM.include?("linux") do
  include Subprocess

  def run_with(profiler, folder)
    output_of(<<~RUBY, chdir: folder)
      engine = Wasmtime::Engine.new(profiler: :#{profiler})
      mod = Wasmtime::Module.new(engine, '(module (func $answer (export "run") (result i32) (i32.const 42)))')
      puts Wasmtime::Instance.new(Wasmtime::Store.new(engine), mod).invoke("run")
      puts Process.pid
    RUBY
  end

  it ":perfmap writes the map of the process" do
    answer, pid = run_with(:perfmap, Dir.tmpdir).lines.map(&:chomp)
    map = "/tmp/perf-#{pid}.map"
    expect([answer, File.read(map)]).to match(["42", /^0x\h+ \h+ answer$/])
  ensure
    File.delete(map) if map && File.exist?(map)
  end

  it ":jitdump writes a dump to the current folder" do
    Dir.mktmpdir do |folder|
      expect(run_with(:jitdump, folder).lines.first).to eq("42\n")
      dump = Dir[File.join(folder, "jit-*.dump")].first
      expect(File.binread(dump)).to include("answer")
    end
  end
end
