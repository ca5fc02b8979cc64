# frozen_string_literal: true

# design: dependencies point down only, and each rule names the files that may.
RSpec.describe "the layers" do
  root = File.expand_path("..", __dir__)
  source = File.join(root, "ext/wasmtime_rb/src")
  rust = Dir.glob("**/*.rs", base: source).sort
  ruby = Dir.glob("lib/**/*.rb", base: root).sort

  # Comments and the text of strings may name anything.
  code_lines = lambda do |path|
    File.readlines(path, chomp: true).map { |line| line.gsub(/"(?:\\.|[^"\\])*"/, '""').sub(%r{//.*}, "") }
  end

  offenders = lambda do |pattern, files|
    files.flat_map do |file|
      code_lines[File.join(source, file)].each_with_index.filter_map { |line, index| "#{file}:#{index + 1}: #{line.strip}" if line.match?(pattern) }
    end
  end

  it "has Rust files to look at" do
    expect(rust).to include("lib.rs", "capi.rs")
  end

  it "uses the C API only in its owners and where it calls back" do
    allowed = ["capi.rs", "lib.rs", "runtime/trampoline.rs", "runtime/interrupt.rs"]
    expect(offenders[/\bcapi::/, rust.reject { |file| file.start_with?("handle/") || allowed.include?(file) }]).to eq([])
  end

  it "keeps Ruby out of the owners of C pointers" do
    expect(offenders[/\b(magnus|rb_sys)\b/, rust.grep(%r{\Ahandle/})]).to eq([])
  end

  it "uses the Rust types of Wasmtime in one folder" do
    expect(offenders[/\bwasmtime(_wasi)?::/, rust.grep_v(%r{\Aruntime/escape/})]).to eq([])
  end

  it "lets C call Rust only in the runtime and in the raw methods" do
    raw_methods = %w[component/func func instance instance_pre linker memory_access store].map { |name| "ruby/#{name}.rs" }
    expect(offenders[/extern "" fn \w/, rust.reject { |file| file.start_with?("runtime/") || raw_methods.include?(file) }]).to eq([])
  end

  it "never looks up: the runtime and the owners do not know the classes, the owners do not know the runtime" do
    expect(offenders[/\bcrate::ruby\b|\bsuper::super::ruby\b/, rust.grep(%r{\A(handle|runtime)/})]).to eq([])
    expect(offenders[/\bcrate::runtime\b/, rust.grep(%r{\Ahandle/})]).to eq([])
  end

  it "says why each unsafe block is sound" do
    unexplained = rust.flat_map do |file|
      lines = File.readlines(File.join(source, file), chomp: true)
      lines.each_index.filter_map do |index|
        next unless lines[index].sub(%r{//.*}, "").match?(/\bunsafe \{|\bunsafe impl\b/)

        "#{file}:#{index + 1}" unless lines[[index - 3, 0].max..index].any? { |line| line.include?("// SAFETY:") }
      end
    end
    expect(unexplained).to eq([])
  end

  it "loads the gem's own Ruby files by require_relative" do
    own = ruby.flat_map { |file| File.readlines(File.join(root, file)).grep(/^\s*require "wasmtime/).map { |line| "#{file}: #{line.strip}" } }
    expect(own).to eq([])
  end
end
