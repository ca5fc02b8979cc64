# frozen_string_literal: true

require "spec_helper"

RSpec.describe Documentation do
  root = File.expand_path("..", __dir__)

  it "finds every public method of the gem documented and signed" do
    checker = described_class.new(Wasmtime, sources: Dir[File.join(root, "lib/**/*.rb")],
                                            signatures: Dir[File.join(root, "sig/**/*.rbs")].map { |path| File.read(path) })

    expect(checker.methods).to include("Wasmtime.wat2wasm", "Wasmtime::Store.new", "Wasmtime::Func#call", "Wasmtime::Extern#to_func",
                                       "Wasmtime::Trap#initialize", "Wasmtime::Trap::Frame#func_index")
    expect(checker.complaints.join("\n")).to eq ""
  end
end
