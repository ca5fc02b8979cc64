# frozen_string_literal: true

require "wasmtime"
require_relative "../../conformance/engine_options"

RSpec.describe "the options of a script" do
  def read(source)
    Conformance::FileOptions.read(source)
  end

  it "are in its leading lines" do
    expect(read(";;! gc = true\n;; a comment\n\n;;!   memory64=false # off\n(module)\n;;! simd = false\n")).to eq(gc: true, memory64: false)
  end

  it "may be none" do
    expect(read("(module)")).to eq({})
  end

  {
    ";;! no_such = true" => "no_such is no option of the runner", ";;! gc = maybe" => "gc: maybe is neither true nor false",
    ";;! gc" => '";;! gc" is no option', ";;! legacy_exceptions = true" => "legacy_exceptions: Wasmtime has no option for it"
  }.each do |line, message|
    it("are refused: #{message}") { expect { read(line) }.to raise_error(Conformance::Malformed, message) }
  end

  it "may say that something is off that nothing turns on" do
    expect(Conformance::FileOptions.engine(read(";;! legacy_exceptions = false"))).to eq({})
  end

  it "bring what a proposal is built on" do
    expect(Conformance::FileOptions.engine(gc: true)).to eq(wasm_gc: true, wasm_function_references: true, wasm_reference_types: true)
  end

  it "take away what is built on a proposal" do
    expect(Conformance::FileOptions.engine(reference_types: false))
      .to eq(wasm_reference_types: false, wasm_function_references: false, wasm_gc: false)
    expect(Conformance::FileOptions.engine(simd: false)).to eq(wasm_simd: false, wasm_relaxed_simd: false)
  end

  it "let threads share memories" do
    expect(Conformance::FileOptions.engine(threads: true)).to eq(wasm_threads: true, shared_memory: true)
  end

  Conformance::FileOptions::KNOWN.each do |name|
    it "make an engine with #{name} as Wasmtime has it by default" do
      value = %i[gc memory64 multi_memory simd relaxed_simd reference_types tail_call function_references exceptions bulk_memory multi_value
                 threads gc_types].include?(name)
      expect(Wasmtime::Engine.new(**Conformance::FileOptions.engine(name => value))).to be_a Wasmtime::Engine
    end
  end

  describe "with those of its suite" do
    def options(path, own = {}, compiler = "cranelift")
      Conformance::EngineOptions.for(path, own, compiler)
    end

    it "go without what came after a version" do
      expect(options("data/wasm-v1/a.wast")).to include(wasm_simd: false, wasm_multi_memory: false)
      expect(options("data/wasm-v2/a.wast").keys).not_to include(:wasm_simd)
      expect(options("data/wasm-v3/a.wast")).to eq(strategy: :cranelift)
    end

    it "turn on what a proposal is about" do
      expect(options("proposals/custom-page-sizes/a.wast")).to include(wasm_custom_page_sizes: true)
      expect(options("my/custom-page-sizes/a.wast")).to eq(strategy: :cranelift)
    end

    it "give way to its own" do
      expect(options("data/wasm-v2/a.wast", { multi_memory: true })).to include(wasm_multi_memory: true, wasm_memory64: false)
      expect(options("data/wasm-v1/a.wast", { gc: true })).to include(wasm_gc: true, wasm_reference_types: true, wasm_simd: false)
    end

    it "name the compiler" do
      expect(options("a.wast", {}, "winch")).to eq(strategy: :winch)
      expect(options("a.wast", {}, "pulley")).to eq(target: "pulley64")
    end
  end
end
