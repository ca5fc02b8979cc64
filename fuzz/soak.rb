# frozen_string_literal: true

# Every leak scenario 10,000 times and more, each in a process of its own: ruby fuzz/soak.rb MINUTES. Starts over until the minutes are gone.
require "open3"
require "rbconfig"
require "rspec/core"
require_relative "../spec/support/hazards"
require_relative "../spec/support/leaks"

minutes = Integer(ARGV.fetch(0, "0"))
# Scenarios that wait, or that only a whole program can do.
slow = ->(count) { count && count < 100 }
start = Process.clock_gettime(Process::CLOCK_MONOTONIC)
passed = -> { (Process.clock_gettime(Process::CLOCK_MONOTONIC) - start) / 60 }
rounds = 0
done = 0

loop do
  Leaks::SCENARIOS.each do |what, (code, count)|
    program = "#{Hazards::PRELUDE}\n#{Leaks.program(code, slow.call(count) ? count * 10 : Leaks::USUAL)}"
    out, err, status = Open3.capture3(RbConfig.ruby, "-W0", "-Ilib", "-rwasmtime", "-e", program)
    abort "#{what}: #{status}\n#{out}#{err}" unless status.success? && out.lines.map(&:chomp) == Leaks::FLAT
    done += 1
    print "."
    $stdout.flush
  end
  rounds += 1
  break if passed.call >= minutes
end
puts "\n#{done} scenarios in #{rounds} rounds, #{passed.call.round} minutes: nothing grew"
