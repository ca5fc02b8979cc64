# frozen_string_literal: true

# HTTP requests of a guest: off unless the linker defines them and the store allows them. The guest is a component of spec/guests/http/;
# `rake guests` builds fixtures/guests/http.wasm first. The server is a thread of this program.
#
#   ruby -Ilib examples/wasi_http.rb
require "socket"
require "wasmtime"

wasm = File.expand_path("../fixtures/guests/http.wasm", __dir__)
abort "#{wasm} is missing: run `rake fixtures guests` first." unless File.file?(wasm)

server = TCPServer.new("127.0.0.1", 0)
Thread.new do
  loop do
    client = server.accept
    path = client.gets.split[1]
    nil until client.gets.strip.empty?
    client.write("HTTP/1.1 200 OK\r\nContent-Length: #{path.size + 6}\r\nConnection: close\r\n\r\nhello #{path}")
    client.close
  end
end

linker = Wasmtime::Component::Linker.new
Wasmtime::WASI::P2.add_to_linker_sync(linker)
Wasmtime::WASI::HTTP.add_to_linker_sync(linker)
component = Wasmtime::Component::Component.from_file(wasm)

allowing = Wasmtime::WasiConfig.new.allow_http
Wasmtime::Store.open(Wasmtime::Engine.default, wasi_config: allowing) do |store|
  status, body = linker.instantiate(store, component).functions.get("127.0.0.1:#{server.addr[1]}", "/world", timeout: 10)
  puts "status #{status}: #{body}"
end

begin
  linker.instantiate(Wasmtime::Store.new(Wasmtime::Engine.default, wasi_config: Wasmtime::WasiConfig.new), component)
rescue Wasmtime::Error => e
  puts e.message
end
