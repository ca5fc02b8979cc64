# frozen_string_literal: true

# Runs every script of this folder, each in a process of its own, and tells which rows miss their bar.
require_relative "support"
require "tempfile"

Tempfile.create("misses") do |misses|
  puts Bench::HEADER
  environment = { "WASMTIME_RB_BENCH_MISSES" => misses.path }
  failed = %w[call host store memory compile load].reject do |name|
    system(environment, RbConfig.ruby, "-I#{File.join(Bench::ROOT, 'lib')}", File.join(__dir__, "#{name}.rb"))
  end
  names = misses.read.lines(chomp: true)
  puts names.empty? ? "every row measured meets its bar" : "#{names.size} missed: #{names.join('; ')}"
  abort "failed: #{failed.join(', ')}" unless failed.empty?
end
