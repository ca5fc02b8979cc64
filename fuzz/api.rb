# frozen_string_literal: true

# A random sequence of API calls: ruby fuzz/api.rb SEED STEPS. Everything it may raise is documented, the process lives, and at the end no
# handle is alive. The same seed gives the same sequence. With STRESS=1 Ruby collects garbage at every allocation: a few steps a second.
require "wasmtime"
require "tmpdir"
require_relative "world"

seed, steps = ARGV.map { |argument| Integer(argument) }
Warning[:experimental] = false
# Every other seed moves objects as often as Ruby can.
GC.auto_compact = true if seed.even?
Thread.report_on_exception = false

play = lambda do |number, count|
  world = Fuzz::World.new(number)
  GC.stress = ENV.key?("STRESS")
  world.run(count)
  world.counts
ensure
  GC.stress = false
end

# Runs on a stack of its own, which is gone afterwards, and in a folder of its own, because texts may be taken for paths.
counts = Dir.mktmpdir { |folder| Dir.chdir(folder) { Thread.new { play.call(seed, steps) }.value } }

# The default engine, and what it keeps once a guest has waited for a stream.
STAYING = { Engine: 1, Linker: 1, Module: 1 }.freeze
left = nil
30.times do
  Thread.new { Array.new(200) { Object.new } }.join
  GC.start
  left = Wasmtime._live_handles.select { |kind, number| number > STAYING.fetch(kind, 0) }
  break if left.empty?

  sleep 0.02
end
abort "still alive: #{left}" unless left.empty?
raised = counts.select { |name, _| name.is_a?(String) }.sum { |_, number| number }
puts "seed #{seed}: #{steps} steps, #{raised} of them raised what they may"
counts.sort_by { |_, number| -number }.each { |name, number| puts "  #{number} #{name}" } if ENV["VERBOSE"]
