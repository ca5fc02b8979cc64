# frozen_string_literal: true

# Types made of descriptions, as native code gives them.
module WitTypes
  # What stands for a ResourceType: a frozen object, equal to itself.
  RESOURCES = Hash.new { |resources, name| resources[name] = Object.new.freeze }

  module_function

  # @return [Symbol, Wasmtime::Component::Type]
  def wit_type(desc)
    Wasmtime::Component.const_get(:Types).from_desc(desc)
  end

  # @return [Object] the same for the same name
  def resource(name)
    RESOURCES[name]
  end
end

# What every type does. `wit` is how it prints, `parts` what its readers give, `flags` what its predicates say, `others` are descriptions of
# types that are close and not the same.
RSpec.shared_examples "a WIT type" do |desc, wit:, parts:, others:, flags: {}|
  include WitTypes

  let(:type) { wit_type(desc) }

  it "has its parts, frozen" do
    expect(type).to be_an_instance_of(described_class).and be_frozen
    expect(type).to be_a(Wasmtime::Component::Type)
    expect(type).to have_attributes(parts)
    expect(parts.keys.map { |name| type.public_send(name) }).to all(be_frozen)
    expect(flags.keys.to_h { |name| [name, type.public_send(:"#{name}?")] }).to eq(flags)
  end

  it "prints as WIT" do
    expect(type.to_s).to eq(wit)
  end

  it "can be shared between Ractors" do
    expect(Ractor.shareable?(type)).to be(true)
  end

  it "is equal to a type that says the same, and to no other" do
    same = wit_type(desc)
    expect(same).to eq(type).and eql(type)
    expect(same.hash).to eq(type.hash)
    others.each do |other|
      expect(wit_type(other)).not_to eq(type)
      expect(wit_type(other)).not_to eql(type)
    end
    expect(type).not_to eq(wit)
    expect(type).not_to be_nil
  end

  it "is a key of a Hash" do
    expect({ type => 1 }.fetch(wit_type(desc))).to eq(1)
    expect({ type => 1 }).not_to include(*others.map { |other| wit_type(other) })
  end

  it "takes part in pattern matching, with Symbols for names" do
    patterns = parts.transform_values { |part| part.is_a?(Hash) ? part.transform_keys(&:to_sym) : part }
    expect(type.deconstruct).to eq(patterns.values)
    expect(type.deconstruct_keys(nil)).to eq(patterns.merge(flags))
    expect(type.deconstruct_keys(%i[nope])).to eq(patterns.merge(flags))
  end
end

# What those do that `new` makes of other types.
RSpec.shared_examples "a checked WIT type" do |make|
  it "refuses what is no type of values" do
    func = Wasmtime::Component::FuncType.new({})
    expect { make[described_class, :i32] }
      .to raise_error(ArgumentError, /\Ainvalid WIT type, expected one of \[:bool, :s8, .*, :string, :error_context\], got :i32\z/)
    expect { make[described_class, "s32"] }.to raise_error(TypeError, "expected a WIT type, got String")
    expect { make[described_class, Wasmtime::FuncType.new([], [])] }.to raise_error(TypeError, "expected a WIT type, got Wasmtime::FuncType")
    expect { make[described_class, func] }.to raise_error(TypeError, "expected a WIT type, got Wasmtime::Component::FuncType")
  end
end

# Two types of names: enum and flags.
RSpec.shared_examples "a WIT type of names" do |kind|
  it_behaves_like "a WIT type", [kind, %w[read write-all]], wit: "#{kind} { read, write-all }", parts: { names: %w[read write-all] },
                                                            others: [[kind, %w[read]], [kind, %w[write-all read]], [:enum, []], [:flags, %w[x]]]

  it "takes Strings and Symbols, and gives frozen Strings" do
    names = [+"a", :b]
    type = described_class.new(names)
    expect(type.names).to eq(%w[a b]).and all(be_frozen)
    expect(names.first).not_to be_frozen
  end

  it "may have no names" do
    expect(described_class.new([]).to_s).to eq("#{kind} {}")
  end

  it "escapes names that are words of WIT" do
    expect(described_class.new(%w[func list ok]).to_s).to eq("#{kind} { %func, %list, ok }")
  end

  it "refuses what is no list of names" do
    expect { described_class.new(nil) }.to raise_error(TypeError, "no implicit conversion of nil into Array")
    expect { described_class.new([1]) }.to raise_error(TypeError, "no implicit conversion of Integer into String")
  end
end
