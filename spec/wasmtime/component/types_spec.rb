# frozen_string_literal: true

RSpec.describe "types of components" do
  include WitTypes

  it "are Symbols when they have no parts" do
    Wasmtime::Component::Type::PRIMITIVES.each { |type| expect(wit_type(type)).to equal(type) }
  end

  it "are the type itself, the ResourceType itself, or a core type, as exports" do
    expect(wit_type(%i[type u8])).to eq(:u8)
    expect(wit_type([:type, %i[list u8]])).to eq(Wasmtime::Component::ListType.new(:u8))
    expect(wit_type([:resource, resource(:blob)])).to equal(resource(:blob))
    expect(wit_type([:core_func, [:i32], [:i64]])).to eq(Wasmtime::FuncType.new([:i32], [:i64]))
  end

  it "nest" do
    desc = [:list, [:record, [["a", [:option, [:tuple, [[:result, [:variant, [["x", [:flags, %w[f]]]]], nil], [:map, :u8, [:enum, %w[e]]]]]]]]]]
    expect(wit_type(desc).to_s)
      .to eq("list<record { a: option<tuple<result<variant { x(flags { f }) }>, map<u8, enum { e }>>> }>")
  end

  it "are made of kinds that exist" do
    expect { wit_type([:lost]) }.to raise_error(ArgumentError, "unknown kind of type: :lost")
  end

  it "are not public in how they are made and printed" do
    expect { Wasmtime::Component::Types }.to raise_error(NameError)
    expect { Wasmtime::Component::Wit }.to raise_error(NameError)
  end
end
