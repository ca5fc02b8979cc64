# frozen_string_literal: true

require "json"

RSpec.describe "pii-shield, a reactor in Go" do
  before(:all) { @pre = wasi_linker.instantiate_pre(Wasmtime::Module.from_file(fixture("pii_shield"))) }

  def reactor(**settings)
    store = Wasmtime::Store.new(wasi_config: wasi_config)
    instance = @pre.instantiate(store)
    instance.invoke("_initialize")
    lend(instance, JSON.generate(settings)) { |pointer, length| instance.invoke("init_config", pointer, length) }
    instance
  end

  def lend(instance, text)
    pointer = instance.invoke("allocate", text.bytesize)
    instance.export("memory").to_memory.write(pointer, text)
    yield pointer, text.bytesize
  ensure
    instance.invoke("free", pointer, text.bytesize)
  end

  # The answer is one number: where the text begins, and how long it is.
  def redact(instance, text)
    lend(instance, text) do |pointer, length|
      address, size = [instance.invoke("redact", pointer, length)].pack("q<").unpack("L<2").reverse
      instance.export("memory").to_memory.read(address, size).force_encoding("UTF-8").tap { instance.invoke("free", address, size) }
    end
  end

  it "hides secrets and leaves the rest" do
    shield = reactor(salt: "pepper")
    expect(redact(shield, "user=alice password=hunter2secret42 ok")).to eq("user=alice password=[HIDDEN:578a8d] ok")
    expect(redact(shield, "card 4111 1111 1111 1111")).to eq("card [HIDDEN:03fc44]")
    expect(redact(shield, '{"api_key":"sk-abc123","msg":"fine é"}')).to eq('{"api_key":"[HIDDEN:49020a]","msg":"fine é"}')
    expect(redact(shield, "nothing here")).to eq("nothing here")
  end

  it "is set up by its configuration: another salt gives another mark" do
    texts = %w[pepper salt].map { |salt| redact(reactor(salt: salt), "password=hunter2secret42") }
    expect(texts.first).not_to eq(texts.last)
    expect(texts).to all(match(/\Apassword=\[HIDDEN:\h{6}\]\z/))
  end

  it "goes on through many calls, Go's collector included" do
    shield = reactor(salt: "pepper")
    200.times { |i|
      expect(redact(shield, "password=hunter2secret42 #{'x ' * 500}#{i}")).to start_with("password=[HIDDEN:578a8d] x").and end_with(i.to_s)
    }
  end
end
