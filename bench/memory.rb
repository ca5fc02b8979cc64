# frozen_string_literal: true

# Reading and writing a guest's memory.
require_relative "support"

memory = Wasmtime::Memory.new(Wasmtime::Store.new, min_size: 17)
mebibyte = "x" * (1 << 20)
slack = 1.1 # "no slower", and what measuring is off by

Bench.row("Memory#read 16 bytes", bar: 2.0, of: "C method") do
  [Bench.time("memory.read(64, 16)", memory: memory), Bench.c_method]
end
Bench.row("Memory#read_i32", bar: 1.5, of: "C method") do
  [Bench.time("memory.read_i32(64)", memory: memory), Bench.c_method]
end
Bench.row("Memory#read 1 MiB", bar: slack, of: "a String copied into a new one") do
  memory.write(64, mebibyte)
  [Bench.time("memory.read(64, 1 << 20)", memory: memory), Bench.time("string + empty", string: mebibyte, empty: "")]
end
Bench.row("Memory#write 1 MiB", bar: slack, of: "a String copied into an IO::Buffer") do
  experimental = Warning[:experimental]
  Warning[:experimental] = false
  buffer = IO::Buffer.new(1 << 20)
  Warning[:experimental] = experimental
  # The method changed its name in Ruby 3.2.
  copy = buffer.respond_to?(:set_string) ? :set_string : :copy
  [Bench.time("memory.write(64, string)", memory: memory, string: mebibyte), Bench.time("buffer.#{copy}(string)", buffer: buffer, string: mebibyte)]
end
Bench.row("Memory#view 1 MiB", bar: 1.2, of: "a view of 16 bytes") do
  [16, 1 << 20].map { |length| Bench.time("memory.view(length: #{length}) { |buffer| buffer }", memory: memory) }.reverse
end
