# frozen_string_literal: true

# Runs every script of this folder and prints the table of their rows, with those that miss their bar. Each script runs in several processes
# of its own, because a process may be unlucky as a whole; a row keeps the best of what was measured, for ours and for the floor alike.
require_relative "support"
require "rbconfig"
require "tempfile"

PROCESSES = 3

def rows(script)
  Tempfile.create("rows") do |file|
    command = [RbConfig.ruby, "-I#{File.join(Bench::ROOT, 'lib')}", File.join(__dir__, "#{script}.rb")]
    abort "bench/#{script}.rb failed." unless system({ Bench::ROWS => file.path }, *command)
    file.read.lines.map { |line| Bench::Row.load(line) }
  end
end

puts Bench::HEADER
misses = %w[call host store memory component interrupt threads compile load plugin].flat_map do |script|
  best = Array.new(PROCESSES) { rows(script) }.transpose.map { |measured| measured.reduce(:best) }
  puts best
  $stdout.flush
  best.reject(&:met?)
end
puts misses.empty? ? "every row measured meets its bar" : "#{misses.size} missed: #{misses.map(&:name).join('; ')}"
