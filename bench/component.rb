# frozen_string_literal: true

# Values that go into a component and come back.
require_relative "support"

component = Wasmtime::Component::Component.from_file(File.join(__dir__, "echo.wat"))
instance = Wasmtime::Component::Linker.new.instantiate(Wasmtime::Store.new, component)

Bench.row("component u32 there and back", bar: 1.5, of: "C loop") do
  [Bench.time("func.call(index)", func: instance["id-u32"]), Bench.c_loop("component id-u32")]
end
Bench.row("component record {x, y} there and back", bar: 1.5, of: "C loop") do
  [Bench.time("func.call(point)", func: instance["id-point"], point: { "x" => 1, "y" => 2 }), Bench.c_loop("component record")]
end
# A mebibyte there and a mebibyte back at 1 GB/s.
Bench.row("component list<u8> 1 MiB there and back", bar: 1.0, of: "1 GB/s") do
  [Bench.time("func.call(bytes)", func: instance["id-bytes"].with(bytes: :string), bytes: Random.bytes(1 << 20)), 2.0 * (1 << 20)]
end
