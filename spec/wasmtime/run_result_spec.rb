# frozen_string_literal: true

RSpec.describe Wasmtime::RunResult do
  def result(**changes)
    described_class.new(status: 0, stdout: "out", stderr: "", truncated: false, error: nil, usage: Wasmtime::Usage.new(wall: 0.5), **changes)
  end

  it "is frozen, and so is its text when a run made it" do
    expect(result).to be_frozen
    expect(Wasmtime.run(wasm: '(module (func (export "_start")))').stdout).to be_frozen
  end

  it "is a success with the status 0 and without an error" do
    expect([result, result(status: 1), result(status: nil, error: Wasmtime::Trap.new), result(error: Wasmtime::MemoryLimitError.new)].map(&:success?))
      .to eq([true, false, false, false])
  end

  it "can be matched" do
    matched = case result(status: 3, stderr: "no")
              in { status: 0 } then nil
              in { status:, stderr:, usage: { wall: } } then [status, stderr, wall]
              end
    expect(matched).to eq([3, "no", 0.5])
    expect(result.to_h.keys).to eq(%i[status success stdout stderr truncated error usage])
    expect(result.deconstruct_keys(nil)).to eq(result.to_h)
  end

  it "shows how it went, not what was written" do
    expect(result.inspect).to eq("#<Wasmtime::RunResult status: 0, stdout: 3 bytes, stderr: 0 bytes>")
    stopped = result(status: nil, error: Wasmtime::TimeoutError.new, stdout: nil, stderr: nil, truncated: true)
    expect(stopped.inspect).to eq("#<Wasmtime::RunResult Wasmtime::TimeoutError, truncated>")
  end
end
