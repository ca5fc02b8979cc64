# frozen_string_literal: true

RSpec.describe Wasmtime::Component::Result do
  let(:ok) { described_class.ok(5) }
  let(:error) { described_class.error("reason") }

  it "is ok or an error, with a value" do
    expect(ok).to have_attributes(ok?: true, error?: false, ok: 5, value!: 5).and be_frozen
    expect(error).to have_attributes(ok?: false, error?: true, error: "reason").and be_frozen
  end

  it "may have no value" do
    expect(described_class.ok.ok).to be_nil
    expect(described_class.error.error).to be_nil
    expect(described_class.ok).to eq(described_class.ok(nil))
  end

  it "is made by ok and error only" do
    expect { described_class.new(:ok, 1) }.to raise_error(NoMethodError, /private method `new'/)
  end

  it "raises when the other value is asked for" do
    unchecked = Wasmtime::Component::Result::UncheckedResult
    expect(unchecked.superclass).to equal(Wasmtime::Error)
    expect { error.ok }.to raise_error(unchecked, 'expected ok, was error("reason")')
    expect { ok.error }.to raise_error(unchecked, "expected error, was ok(5)")
    expect { described_class.error.ok }.to raise_error(unchecked, "expected ok, was error()")
  end

  it "raises the error as an exception when the value has to be there" do
    expect { error.value! }.to raise_error(Wasmtime::Component::ResultError, 'result error("reason")') { |e| expect(e.value).to equal(error.error) }
    expect(described_class.ok.value!).to be_nil
  end

  it "is equal to another of the same kind and an equal value" do
    expect(described_class.ok([1])).to eq(described_class.ok([1])).and eql(described_class.ok([1]))
    expect(described_class.ok([1]).hash).to eq(described_class.ok([1]).hash)
    expect(described_class.ok(1)).not_to eq(described_class.error(1))
    expect(described_class.ok(1)).not_to eq(described_class.ok(2))
    expect(described_class.ok(1)).to eq(described_class.ok(1.0))
    expect(described_class.ok(1)).not_to eql(described_class.ok(1.0))
    expect(described_class.ok(1)).not_to eq(1)
  end

  it "takes part in pattern matching" do
    case error
    in { ok: _ } then raise "it is an error"
    in { error: reason } then expect(reason).to eq("reason")
    end
    case ok
    in [:ok, value] then expect(value).to eq(5)
    end
    case described_class.ok
    in { ok: nil } then nil
    end
  end

  it "reads well" do
    expect(ok.inspect).to eq("#<Wasmtime::Component::Result ok(5)>")
    expect(described_class.error.inspect).to eq("#<Wasmtime::Component::Result error()>")
  end
end
