# frozen_string_literal: true

RSpec.describe Wasmtime::Component::RecordType do
  it_behaves_like "a WIT type", [:record, [["x", :s32], ["is-on", :bool]]],
                  wit: "record { x: s32, is-on: bool }", parts: { fields: { "x" => :s32, "is-on" => :bool } },
                  others: [[:record, [["is-on", :bool], ["x", :s32]]], [:record, [["x", :s32]]], [:record, [["x", :s64], ["is-on", :bool]]],
                           [:variant, [["x", :s32], ["is-on", :bool]]]]
  it_behaves_like "a checked WIT type", ->(type, part) { type.new(x: part) }

  it "takes Strings and Symbols as names, and gives frozen Strings" do
    type = described_class.new(x: :s32, "y" => :s32)
    expect(type.fields.keys).to eq(%w[x y]).and all(be_frozen)
  end

  it "keeps its own copy of the Hash" do
    fields = { "x" => :s32 }
    type = described_class.new(fields)
    fields["y"] = :s32
    expect(type.fields).to eq("x" => :s32)
  end

  it "prints the types within in full, and names that are words of WIT with a %" do
    type = described_class.new(type: described_class.new(x: :f32), list: :char)
    expect(type.to_s).to eq("record { %type: record { x: f32 }, %list: char }")
    expect(described_class.new({}).to_s).to eq("record {}")
  end

  it "reads well" do
    expect(described_class.new(x: :s32).inspect).to eq("#<Wasmtime::Component::RecordType record { x: s32 }>")
  end

  it "refuses what is no Hash" do
    expect { described_class.new(nil) }.to raise_error(TypeError, "no implicit conversion of NilClass into Hash")
    expect { described_class.new([:s32]) }.to raise_error(TypeError, "no implicit conversion of Array into Hash")
    expect { described_class.new(1 => :s32) }.to raise_error(TypeError, "no implicit conversion of Integer into String")
  end

  it "matches by its fields" do
    case described_class.new(x: :s32, "is-on" => :bool)
    in { fields: { y: _ } } then raise "there is no y"
    in Wasmtime::Component::RecordType[{ x: :s32, "is-on": type }] then expect(type).to eq(:bool)
    end
  end
end
