# frozen_string_literal: true

# Reading and writing a guest's memory.
require_relative "support"

memory = Wasmtime::Memory.new(Wasmtime::Store.new, min_size: 17)
mebibyte = "x" * (1 << 20)
slack = 1.1 # "no slower", and what measuring is off by

Bench.row("Memory#read 16 bytes", bar: 2.0, of: "C method") do
  Bench.call("memory.read(64, 16)", memory: memory)
end
Bench.row("Memory#read_i32", bar: 1.5, of: "C method") do
  Bench.call("memory.read_i32(64)", memory: memory)
end
Bench.row("Memory#read 1 MiB", bar: slack, of: "a String copied into a new one") do
  memory.write(64, mebibyte)
  Bench.race("memory.read(64, 1 << 20)", "string + empty", memory: memory, string: mebibyte, empty: "")
end
Bench.row("Memory#write 1 MiB", bar: slack, of: "a String copied into an IO::Buffer") do
  experimental = Warning[:experimental]
  Warning[:experimental] = false
  buffer = IO::Buffer.new(1 << 20)
  Warning[:experimental] = experimental
  # The method changed its name in Ruby 3.2.
  copy = buffer.respond_to?(:set_string) ? :set_string : :copy
  Bench.race("memory.write(64, string)", "buffer.#{copy}(string)", memory: memory, buffer: buffer, string: mebibyte)
end
Bench.row("Memory#view 1 MiB", bar: 1.2, of: "a view of 16 bytes") do
  Bench.race("memory.view(length: 1 << 20) { |buffer| buffer }", "memory.view(length: 16) { |buffer| buffer }", memory: memory)
end
