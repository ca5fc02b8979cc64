# frozen_string_literal: true

RSpec.describe Wasmtime::Component::InstanceType, :untyped do
  include WitTypes

  point = [:record, [["x", :s32], ["y", :s32]]]
  exports = [["codec", [:resource, WitTypes.resource(:codec)]],
             ["point", [:type, point]],
             ["bytes", [:type, %i[list u8]]],
             ["size", %i[type u64]],
             ["log", [:func, [["message", :string]], nil, false]]]

  let(:type) { wit_type([:instance, exports]) }

  def wit(exports, name = "test:guest/it@1.0.0")
    wit_type([:instance, exports]).to_wit(name)
  end

  # The lines between the braces, without the margin.
  def lines(exports)
    wit(exports).lines(chomp: true)[1..-2].map { |line| line.delete_prefix("  ") }
  end

  def func(params, result = nil, async: false)
    [:func, params.to_a, result, async]
  end

  it "has what the interface exports, frozen" do
    expect(type).to be_an_instance_of(described_class).and be_frozen
    expect(type.exports.keys).to eq(%w[codec point bytes size log]).and all(be_frozen)
    expect(type.exports).to be_frozen
    expect(type.exports["codec"]).to equal(resource(:codec))
    expect(type.exports["size"]).to eq(:u64)
    expect(type.exports["log"]).to eq(Wasmtime::Component::FuncType.new({ message: :string }))
    expect(Ractor.shareable?(type)).to be(true)
  end

  it "is equal to one that exports the same, in any order" do
    expect(wit_type([:instance, exports.reverse])).to eq(type)
    expect(wit_type([:instance, exports.reverse]).hash).to eq(type.hash)
    expect(wit_type([:instance, exports.drop(1)])).not_to eq(type)
  end

  it "takes part in pattern matching" do
    case type
    in Wasmtime::Component::InstanceType[{ log: { params: { message: :u8 } } }] then raise "a message is a string"
    in { exports: { log: { params: { message: } }, size: :u64 } } then expect(message).to eq(:string)
    end
  end

  it "reads by the names of its exports" do
    expect(type.inspect).to eq("#<Wasmtime::Component::InstanceType codec, point, bytes, size, log>")
  end

  it "is no type of values" do
    expect { Wasmtime::Component::ListType.new(type) }
      .to raise_error(TypeError, "expected a WIT type, got Wasmtime::Component::InstanceType")
  end

  describe "as WIT" do
    it "is an interface of a name, or of none" do
      expect(wit([["log", func({ message: :string })]])).to eq("interface test:guest/it@1.0.0 {\n  log: func(message: string);\n}")
      expect(wit([], :empty)).to eq("interface empty {}")
      expect(wit([], "world")).to eq("interface %world {}")
      expect(wit_type([:instance, []]).to_s).to eq("interface {}")
    end

    it "lays out what has a name" do
      expect(lines([["point", [:type, point]], ["shape", [:type, [:variant, [["none", nil], ["at", point]]]]], ["tone", [:type, [:enum, %w[hi lo]]]],
                    ["rights", [:type, [:flags, %w[read list]]]], ["nothing", [:type, [:record, []]]], ["size", %i[type u64]],
                    ["pair", [:type, [:tuple, [:u8, point]]]]])).to eq(<<~WIT.lines(chomp: true))
                      record point {
                        x: s32,
                        y: s32,
                      }
                      variant shape {
                        none,
                        at(point),
                      }
                      enum tone {
                        hi,
                        lo,
                      }
                      flags rights {
                        read,
                        %list,
                      }
                      record nothing {}
                      type size = u64;
                      type pair = tuple<u8, point>;
                    WIT
    end

    it "uses its names in its functions, but not for types without parts" do
      named = [["point", [:type, point]], ["bytes", [:type, %i[list u8]]], ["size", %i[type u64]]]
      expect(lines([*named, ["f", func({ "p" => point, "l" => [:list, point], "b" => %i[list u8], "s" => :u64 }, [:option, point])]]).last)
        .to eq("f: func(p: point, l: list<point>, b: bytes, s: u64) -> option<point>;")
    end

    it "says what stands for what has a name already" do
      bytes = [:type, %i[list u8]]
      letter = [:type, [:enum, %w[a]]]
      expect(lines([["bytes", bytes], ["data", bytes], ["point", letter], ["spot", letter]]))
        .to eq(["type bytes = list<u8>;", "type data = bytes;", "enum point {", "  a,", "}", "type spot = point;"])
    end

    it "has the functions of a resource inside of it" do
      codec = resource(:codec)
      self_param = ["self", [:borrow, codec]]
      expect(lines([["codec", [:resource, codec]],
                    ["codecs", [:type, [:list, [:own, codec]]]],
                    ["[constructor]codec", func({ "level" => :u32 }, [:own, codec])],
                    ["[method]codec.encode", func([self_param, ["data", %i[list u8]]], [:result, %i[list u8], :string])],
                    ["[method]codec.list", func([self_param], async: true)],
                    ["[static]codec.make", func({}, [:own, codec])],
                    ["[static]codec.wait", func({ "all" => [:list, [:borrow, codec]] }, async: true)]])).to eq(<<~WIT.lines(chomp: true))
                      resource codec {
                        constructor(level: u32);
                        encode: func(data: list<u8>) -> result<list<u8>, string>;
                        %list: async func();
                        make: static func() -> codec;
                        wait: static async func(all: list<borrow<codec>>);
                      }
                      type codecs = list<codec>;
                    WIT
    end

    it "shows what a constructor gives when it may fail" do
      codec = resource(:codec)
      expect(lines([["codec", [:resource, codec]], ["[constructor]codec", func({}, [:result, [:own, codec], :string])]]))
        .to eq(["resource codec {", "  constructor() -> result<codec, string>;", "}"])
    end

    it "has resources without functions, of two names, and without any" do
      params = { "a" => [:own, resource(:a)], "b" => [:borrow, resource(:b)], "c" => [:own, resource(:c)], "d" => [:own, resource(:b)] }
      expect(lines([["fields", [:resource, resource(:a)]], ["headers", [:resource, resource(:a)]], ["f", func(params)]]))
        .to eq(["resource fields;", "type headers = fields;", "f: func(a: fields, b: borrow<resource-1>, c: resource-2, d: resource-1);"])
    end

    it "shows functions of a resource that is not there under their own names" do
      expect(lines([["[static]lost.make", func({})]])).to eq(["[static]lost.make: func();"])
    end

    it "escapes names that are words of WIT, wherever they stand" do
      record = [:record, [["type", :u8]]]
      expect(lines([["record", [:type, record]], ["func", func({ "from" => record }, record)], ["resource", [:resource, resource(:a)]],
                    ["use", func({ "own" => [:borrow, resource(:a)] })]]))
        .to eq(["record %record {", "  %type: u8,", "}", "%func: func(%from: %record) -> %record;", "resource %resource;",
                "%use: func(%own: borrow<%resource>);"])
    end

    it "has what WIT has no words for, too" do
      inner = [:instance, [["f", func({})]]]
      expect(lines([["inner", inner], ["m", [:module, [], []]], ["c", [:component, [], []]], ["n", [:core_func, [:i32], []]]]))
        .to eq(["inner: interface {", "  f: func();", "}", "m: (module);", "c: component {}", "n: (func (param i32));"])
    end
  end
end
