# frozen_string_literal: true

RSpec.describe Wasmtime::Component::ResultError do
  it "is an error of Wasmtime, but not what a wrong result of a host block is" do
    expect(described_class.superclass).to equal(Wasmtime::Error)
    expect(described_class).not_to be < Wasmtime::ResultError
  end

  it "has the value of the error, and says it" do
    error = described_class.new([5])
    expect(error.value).to eq([5])
    expect(error.message).to eq("result error([5])")
    expect("#{error}").to eq(error.message) # rubocop:disable Style/RedundantInterpolation
    expect(error.full_message).to include("result error([5])")
  end

  it "may have no value" do
    expect(described_class.new).to have_attributes(value: nil, message: "result error()")
  end

  it "is raised with a value" do
    expect { raise described_class, "no-entry" }.to raise_error(described_class, 'result error("no-entry")') { |e| expect(e.value).to eq("no-entry") }
    expect { raise described_class }.to raise_error(described_class) { |e| expect(e.value).to be_nil }
  end

  it "reads the value only when somebody wants the message" do
    value = Class.new { def inspect = raise("nobody asked") }.new
    error = begin
      raise described_class, value
    rescue described_class => e
      e
    end
    expect(error.value).to equal(value)
    expect { error.message }.to raise_error(RuntimeError, "nobody asked")
  end

  it "takes part in pattern matching" do
    case described_class.new("x")
    in { value: "x", message: } then expect(message).to eq('result error("x")')
    end
  end
end
