# frozen_string_literal: true

RSpec.describe "Component values of bytes" do
  let(:binary) { "\x00\xFF\x80text".b }
  let(:deep) { [:record, [["data", [:option, %i[list u8]]], ["parts", [:list, %i[list u8]]], ["signed", %i[list s8]], ["name", :string]]] }

  it "are Arrays, and binary Strings where a function is asked for them" do
    instance = guest(%i[list u8])
    func = instance.get_func("same")
    expect(func.call(binary)).to eq(binary.bytes)
    [func.with(bytes: :string), instance.get_func("same", bytes: :string)].each do |asked|
      got = asked.call(binary.bytes)
      expect([got, got.encoding, got.frozen?]).to eq([binary, Encoding::BINARY, false])
      expect(asked.call([]).encoding).to eq(Encoding::BINARY)
      expect(asked.with(bytes: :array).call(binary)).to eq(binary.bytes)
    end
    expect([func.call(binary), instance.invoke("same", binary)]).to all(eq(binary.bytes))
  end

  it "are Strings however deep they are, and other lists are not" do
    value = { "data" => binary, "parts" => ["", binary, "é"], "signed" => [-1], "name" => "n" }
    arrays = { "data" => binary.bytes, "parts" => [[], binary.bytes, [195, 169]], "signed" => [-1], "name" => "n" }
    func = guest(deep).get_func("same")
    expect(func.call(value)).to eql(arrays)
    expect(func.with(bytes: :string).call(arrays)).to eql(value.merge("parts" => ["".b, binary, "é".b]))
    expect(func.with(bytes: :string).call(value.merge("data" => nil))["data"]).to be_nil
  end

  it "are given to host blocks as the linker says, or the function" do
    seen = []
    keep = ->(value) { (seen << value).last }
    guest(%i[list u8], &keep).invoke("echo", binary)
    guest(%i[list u8], { bytes: :string }, &keep).invoke("echo", binary)
    expect(seen).to eql([binary.bytes, binary])
    expect(seen.last.encoding).to eq(Encoding::BINARY)
  end

  it "are given to one host block as it says, whatever the linker says" do
    seen = []
    { nil => :string, string: :array, array: :string }.each do |linkers, own|
      linker = Wasmtime::Component::Linker.new(ComponentCalls.engine, bytes: linkers)
      linker.root { |root| root.func_new("host", bytes: own) { |value| (seen << value).last } }
      linker.instantiate(Wasmtime::Store.new(ComponentCalls.engine), ComponentCalls.component(%i[list u8])).invoke("echo", binary)
    end
    expect(seen).to eql([binary, binary.bytes, binary])
  end

  it "are what calls give as the linker says, or the function" do
    instance = guest(%i[list u8], { bytes: :string })
    expect(instance.invoke("same", binary.bytes)).to eql(binary)
    expect([instance.functions.same(binary), instance["same"].call(binary), instance.get_func(["same"]).call(binary)]).to all(eql(binary))
    expect(instance.get_func("same", bytes: :array).call(binary)).to eql(binary.bytes)
    expect(instance["same"].with(bytes: :array).call(binary)).to eql(binary.bytes)
    expect([{}, { bytes: :array }].map { |options| guest(%i[list u8], options).invoke("same", binary) }).to all(eql(binary.bytes))
  end

  it "may be many" do
    bytes = Random.new(1).bytes(5_000_000)
    instance = guest(%i[list u8], { bytes: :string })
    expect(instance.get_func("same", bytes: :string).call(bytes) == bytes).to be true
    # What a host block is given is limited by Wasmtime, to 128 MiB of its own values.
    expect(instance.get_func("echo", bytes: :string).call(bytes[0, 2_000_000]) == bytes[0, 2_000_000]).to be true
    expect { instance.invoke("echo", bytes) }.to raise_error(Wasmtime::Error, /too much data is being copied between the host and the guest/)
  end

  it "may be of a frozen String, and of a part of one" do
    instance = guest(%i[list u8])
    expect(instance.invoke("same", "frozen".b.freeze)).to eq("frozen".bytes)
    text = "#{'x' * 100}tail".b
    expect(instance.invoke("same", text[98..])).to eq("xxtail".bytes)
  end

  it "refuse any other wish" do
    message = "bytes: expected :string or :array, got :text"
    expect { guest(:u8).get_func("same").with(bytes: :text) }.to raise_error(ArgumentError, message)
    expect { guest(:u8).get_func("same", bytes: :text) }.to raise_error(ArgumentError, message)
    expect { Wasmtime::Component::Linker.new(bytes: :text) }.to raise_error(ArgumentError, message)
    expect { Wasmtime::Component::Linker.new.root { |root| root.func_new("f", bytes: :text) {} } }.to raise_error(ArgumentError, message)
  end
end
