# frozen_string_literal: true

# Loading the gem.
require_relative "support"
require "rbconfig"

# Nanoseconds until `require` is back, told by the process that does it.
def required
  script = "start = Process.clock_gettime(Process::CLOCK_MONOTONIC, :nanosecond); require 'wasmtime'; " \
           "print Process.clock_gettime(Process::CLOCK_MONOTONIC, :nanosecond) - start"
  Array.new(10) { IO.popen([RbConfig.ruby, "-I#{File.join(Bench::ROOT, 'lib')}", "-e", script], &:read).to_f }.min
end

Bench.row('require "wasmtime"', bar: 1.0, of: "25 ms, fixed") { [required, 25_000_000.0] }
