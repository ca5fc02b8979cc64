# frozen_string_literal: true

RSpec.describe Wasmtime::Component::FuncType do
  it_behaves_like "a WIT type", [:func, [["a", :s32], ["list", %i[list u8]]], [:result, nil, :string], false],
                  wit: "func(a: s32, %list: list<u8>) -> result<_, string>", flags: { async: false },
                  parts: { params: { "a" => :s32, "list" => Wasmtime::Component::ListType.new(:u8) },
                           result: Wasmtime::Component::ResultType.new(nil, :string) },
                  others: [[:func, [["list", %i[list u8]], ["a", :s32]], [:result, nil, :string], false],
                           [:func, [["a", :s32], ["list", %i[list u8]]], nil, false],
                           [:func, [["a", :s32], ["list", %i[list u8]]], [:result, nil, :string], true]]
  it_behaves_like "a WIT type", [:func, [], nil, true], wit: "async func()", parts: { params: {}, result: nil }, flags: { async: true },
                                                        others: [[:func, [], nil, false]]
  it_behaves_like "a checked WIT type", ->(type, part) { type.new({ a: part }) }
  it_behaves_like "a checked WIT type", ->(type, part) { type.new({}, part) }

  it "is made of parameters and perhaps a result" do
    expect(described_class.new({ a: :u8 })).to eq(described_class.new({ "a" => :u8 }, nil, async: false))
    expect(described_class.new({ a: :u8 }, :u8, async: true).inspect).to eq("#<Wasmtime::Component::FuncType async func(a: u8) -> u8>")
  end

  it "is no type of a module's function" do
    expect(described_class.new({})).not_to eq(Wasmtime::FuncType.new([], []))
  end

  it "matches by its parameters and its result" do
    case described_class.new({ data: Wasmtime::Component::ListType.new(:u8) }, :string)
    in Wasmtime::Component::FuncType[_, :u8] then raise "the result is a string"
    in { params: { data: Wasmtime::Component::ListType[element] }, result: :string, async: false } then expect(element).to eq(:u8)
    end
  end
end
