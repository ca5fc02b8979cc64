# frozen_string_literal: true

require "json"
require "zlib"

# Third-party components: they import wasi:logging, which the host has to implement, and WASI; they export a resource.
RSpec.describe "numcodecs, compressors in Rust as components" do
  before(:all) do
    @components = %w[numcodecs_zlib numcodecs_scale].to_h { |name| [name, Wasmtime::Component::Component.from_file(fixture(name))] }
  end

  # They are linked with a logger, and none of them has a line that logs.
  let(:linker) { wasi.define_all("wasi:logging/logging" => { log: ->(level, context, message) { raise "#{level} #{context}: #{message}" } }) }
  let(:wasi) { Wasmtime::Component::Linker.new.tap { |linker| Wasmtime::WASI::P2.add_to_linker_sync(linker) } }
  let(:store) { Wasmtime::Store.new(Wasmtime::Engine.default, wasi_config: Wasmtime::WasiConfig.new) }

  def interface(name)
    linker.instantiate(store, @components.fetch(name))["numcodecs:abc/codec"]
  end

  def array(type, data, *shape)
    { data: Wasmtime::Component::Variant.new(type, data), shape: shape }
  end

  it "need the interface that WASI's preview 2 does not have" do
    expect { wasi.instantiate(store, @components["numcodecs_zlib"]) }.to raise_error(
      Wasmtime::LinkError,
      %r{\A.*:\n  missing import "wasi:logging/logging" "log": expected func\(level: level, context: string, message: string\)\z}
    )
  end

  describe "zlib" do
    let(:zlib) { interface("numcodecs_zlib") }
    let(:codec) { zlib["codec"].from_config('{"level":9}').ok }
    let(:text) { "All work and no play makes Jack a dull boy. " * 500 }

    def encode(data)
      codec.encode(array("u8", data, data.bytesize)) => { ok: encoded }
      encoded["data"].value.pack("C*")
    end

    it "compresses what Ruby's Zlib decompresses, after a header that tells type and shape" do
      encoded = encode(text)
      start = encoded.index("\x78\xda".b)
      expect(Zlib::Inflate.inflate(encoded.byteslice(start..))).to eq(text)
      expect(encoded.bytesize).to be < text.bytesize / 50
    end

    it "decompresses what Ruby's Zlib compressed" do
      encoded = encode(text)
      ours = encoded.byteslice(0, encoded.index("\x78\xda".b)) + Zlib::Deflate.deflate(text, 1)
      expect(ours).not_to eq(encoded)
      decoded = codec.decode(array("u8", ours, ours.bytesize)).ok
      expect([decoded["data"].value.pack("C*"), decoded["shape"]]).to eq([text, [text.bytesize]])
    end

    it "gives binary Strings where they are asked for" do
      decode = zlib.get_func("[method]codec.decode", bytes: :string)
      encoded = encode(text)
      expect(decode.call(codec, array("u8", encoded, encoded.bytesize)).ok["data"].value).to eq(text)
    end

    it "gives errors as records" do
      zlib["codec"].from_config('{"level":10}') => { error: }
      expect(error.values_at("message", "chain")).to match([/invalid value: 10, expected one of: 0, 1, 2/, []])
      expect(codec.decode(array("u8", "nonsense", 8))).to match(an_object_having_attributes(ok?: false))
    end

    it "decompresses into arrays of the same type and shape, and tells the causes when they are not" do
      encoded = encode(text)
      into = ->(dtype, *shape) { codec.decode_into(array("u8", encoded, encoded.bytesize), { dtype: dtype, shape: shape }) }
      expect(into.call("u8", text.bytesize).ok["data"].value.pack("C*")).to eq(text)
      expect([into.call("u8", 99), into.call("u64", text.bytesize)].map { |result| result.error.values_at("message", "chain").flatten }).to eq(
        [["Zlib cannot decode into the provided array", "cannot assign from array of shape [#{text.bytesize}] to one of shape [99]"],
         ["Zlib cannot decode into the provided array", "cannot assign from mismatching u8 array to u64"]]
      )
    end

    it "traps on data that pretend to be 2 GB, and its store can be entered no more" do
      header = [0, 1, 255, 255, 255, 255, 7, 5].pack("C*")
      data = "#{header}0.1.0#{Zlib::Deflate.deflate('a')}"
      expect { codec.decode(array("u8", data, data.bytesize)) }.to raise_error(Wasmtime::Trap, /unreachable/)
      [codec.method(:get_config), interface("numcodecs_zlib").get_func("codec-id")].each do |call|
        expect { call.to_proc.call }.to raise_error(Wasmtime::Trap, /cannot enter component instance.*: wasm trap: wasm `unreachable` instruction/)
      end
    end

    it "tells its id, its schema and its configuration" do
      expect(zlib.functions.codec_id).to eq("zlib.rs")
      expect(JSON.parse(zlib.functions.codec_config_schema)).to include("type" => "object")
      expect(JSON.parse(codec.get_config.ok)).to include("id" => "zlib.rs", "level" => 9)
    end

    it "prints its interface as WIT" do
      expect(zlib.exports["[method]codec.encode"].to_s).to start_with("func(self: borrow<")
      wit = zlib.get_func("codec-id").instance.component.exports["numcodecs:abc/codec@0.1.1"].to_wit("codec")
      expect(wit.lines.map(&:strip)).to include("resource codec {", "encode: func(data: any-array) -> result<any-array, error>;",
                                                "from-config: static func(config: string) -> result<codec, error>;")
    end

    it "drops the codec once" do
      codec.close
      expect(codec.closed?).to be true
      expect { codec.get_config }.to raise_error(Wasmtime::Error, 'argument "self": Resource has already been dropped')
    end
  end

  describe "fixed-offset-scale, on arrays of floats" do
    let(:codec) { interface("numcodecs_scale")["codec"].from_config('{"offset":10.0,"scale":0.5}').ok }

    it "scales numbers, and gives them back" do
      encoded = codec.encode(array("f64", [10.0, 10.5, 11.0, 12.5], 2, 2)).ok
      expect([encoded["data"].name, encoded["data"].value, encoded["shape"]]).to eq(["f64", [0.0, 1.0, 2.0, 5.0], [2, 2]])
      expect(codec.decode(encoded).ok["data"].value).to eq([10.0, 10.5, 11.0, 12.5])
    end

    it "takes packed numbers, ten thousand at once" do
      numbers = Array.new(10_000) { |n| 10 + (n / 4.0) }
      encoded = codec.encode(array("f32", numbers.pack("e*"), numbers.size)).ok
      expect(encoded["data"].value).to eq(numbers.map { |number| (number - 10) / 0.5 })
    end

    it "says which types it does not take" do
      expect(codec.encode(array("u8", "abc", 3)).error["message"]).to eq("FixedOffsetScale does not support the dtype u8")
      expect {
        codec.encode(array("f16", [1.0],
                           1))
      }.to raise_error(ArgumentError, /\Aargument "data", field "data": invalid variant case "f16", valid cases: \["u8", /)
    end
  end
end
