# frozen_string_literal: true

RSpec.describe Wasmtime::Component::ListType do
  it_behaves_like "a WIT type", %i[list u8], wit: "list<u8>", parts: { element: :u8 }, flags: { fixed_length: false },
                                             others: [%i[list s8], [:list, %i[list u8]], %i[fixed_length_list u8], %i[option u8]]
  it_behaves_like "a WIT type", %i[fixed_length_list u8], wit: "list<u8, _>", parts: { element: :u8 }, flags: { fixed_length: true },
                                                          others: [%i[list u8]]
  it_behaves_like "a checked WIT type", ->(type, part) { type.new(part) }

  it "may hold any type of values" do
    expect(described_class.new(described_class.new(:error_context)).to_s).to eq("list<list<error-context>>")
  end

  it "is of one length when that is said" do
    expect(described_class.new(:u8, fixed_length: true)).to be_fixed_length
    expect(described_class.new(:u8, fixed_length: nil).fixed_length?).to be(false)
  end

  it "reads well" do
    expect(described_class.new(:string).inspect).to eq("#<Wasmtime::Component::ListType list<string>>")
  end

  it "matches by its class and element" do
    case described_class.new(described_class.new(:u8))
    in Wasmtime::Component::ListType[Wasmtime::Component::ListType[:u8]] then nil
    end
  end
end
