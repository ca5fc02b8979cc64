# frozen_string_literal: true

RSpec.describe Wasmtime::WasiExit do
  it "has the code of the program" do
    expect(described_class.new(3)).to have_attributes(code: 3, message: "WASI exit with code 3")
    expect(described_class.new(0)).to have_attributes(code: 0, message: "WASI exit with code 0")
  end

  it "needs a code" do
    expect { described_class.new }.to raise_error(ArgumentError)
  end

  it "takes part in pattern matching" do
    expect(described_class.new(3).deconstruct_keys(nil)).to eq(code: 3, message: "WASI exit with code 3")
  end

  it "leaves a call as the same object when a host block raises it" do
    exit = described_class.new(4)
    func = Wasmtime::Func.new(Wasmtime::Store.new, [:i32], []) { raise exit }
    expect { func.call(1) }.to raise_error(described_class) { |e| expect(e).to equal(exit) }
  end
end
