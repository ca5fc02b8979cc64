# frozen_string_literal: true

require "socket"
require "timeout"

# A guest that asks a server of ours, which runs in this very process.
RSpec.describe Wasmtime::WASI::HTTP do
  before(:all) { @component = Wasmtime::Component::Component.from_file(fixture("guests/http")) }

  around do |example|
    @server = TCPServer.new("127.0.0.1", 0)
    @asked = Queue.new
    thread = Thread.new { loop { serve(@server.accept) } }
    thread.report_on_exception = false
    example.run
  ensure
    thread&.kill
    @server&.close
  end

  # Answers a request; one for /slow is never answered.
  def serve(client)
    line = client.gets.to_s
    nil until client.gets.to_s.strip.empty?
    @asked << line.split[1]
    return if line.include?("/slow")

    body = line.include?("/long") ? "0123456789" * 30_000 : "you asked for #{line.split[1]}"
    status = line.include?("/none") ? "404 Not Found" : "200 OK"
    client.write("HTTP/1.1 #{status}\r\nContent-Length: #{body.bytesize}\r\nConnection: close\r\n\r\n#{body}")
    client.close
  end

  def linker
    Wasmtime::Component::Linker.new.tap do |linker|
      Wasmtime::WASI::P2.add_to_linker_sync(linker)
      described_class.add_to_linker_sync(linker)
    end
  end

  def store(config = Wasmtime::WasiConfig.new.allow_http)
    Wasmtime::Store.new(Wasmtime::Engine.default, wasi_config: config)
  end

  let(:guest) { linker.instantiate(store, @component) }
  let(:address) { "127.0.0.1:#{@server.addr[1]}" }

  it "lets a guest make requests, and gives it status and body" do
    expect(guest.functions.get(address, "/a?b=c")).to eq([200, "you asked for /a?b=c"])
    expect(guest.functions.get(address, "/none")).to eq([404, "you asked for /none"])
    expect(guest.functions.get(address, "/long")).to eq([200, "0123456789" * 30_000])
    expect(Array.new(3) { @asked.pop }).to eq(["/a?b=c", "/none", "/long"])
  end

  it "tells the guest when there is no server" do
    nobody = TCPServer.new("127.0.0.1", 0).then { |server| server.addr[1].tap { server.close } }
    expect(guest.functions.get("127.0.0.1:#{nobody}", "/")).to match([0, /\A\d\d\z/])
  end

  it "lets a call be stopped that waits for an answer" do
    expect { guest.functions.get(address, "/slow", timeout: 0.2) }.to raise_error(Wasmtime::TimeoutError)
    other = linker.instantiate(store, @component)
    expect { Timeout.timeout(0.2) { other.functions.get(address, "/slow") } }.to raise_error(Timeout::Error)
    thread = Thread.new { linker.instantiate(store, @component).functions.get(address, "/slow") }
    3.times { @asked.pop }
    expect(thread.kill.join(10)).to be(thread)
  end

  it "is off: a linker has to define it, and a store has to allow it" do
    plain = Wasmtime::Component::Linker.new.tap { |linker| Wasmtime::WASI::P2.add_to_linker_sync(linker) }
    expect { plain.instantiate(store, @component) }
      .to raise_error(Wasmtime::LinkError, %r{missing import "wasi:http/outgoing-handler@0\.2\.\d+" "handle".*WASI::HTTP\.add_to_linker_sync}m)
    message = /\AStore is missing wasi:http: the linker has it, so allow it in the store's WASI too, with Wasmtime::WasiConfig.new.allow_http\z/
    expect { linker.instantiate(store(Wasmtime::WasiConfig.new), @component) }.to raise_error(Wasmtime::Error, message)
    expect { linker.instantiate(Wasmtime::Store.new, @component) }.to raise_error(Wasmtime::Error, /\AStore is missing WASI configuration/)
    expect { described_class.add_to_linker_sync(Wasmtime::Linker.new) }.to raise_error(TypeError)
  end

  it "excludes determinism" do
    expect { store(Wasmtime::WasiConfig.new.allow_http.add_determinism) }
      .to raise_error(Wasmtime::Error, "Sources of indeterminism cannot be combined with determinism: add_determinism excludes allow_http")
  end
end
