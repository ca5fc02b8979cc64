# frozen_string_literal: true

# Ends a run whose example hangs, with the stack of every thread: a guest that loops forever waits for nobody, and CI would say "timeout" only.
module Watchdog
  LIMIT = 600 # seconds

  class << self
    def watch(example)
      @watched = [example, now]
      @thread ||= Thread.new { loop { sleep(1) && bark } }
      example.run
    ensure
      @watched = nil
    end

    private

    def bark
      example, since = @watched
      return if example.nil? || now - since < LIMIT

      warn "\n#{example.location} hangs: #{example.full_description}"
      Thread.list.each { |thread| warn "\n#{thread.inspect}", *thread.backtrace }
      exit!(1)
    end

    def now
      Process.clock_gettime(Process::CLOCK_MONOTONIC)
    end
  end
end

RSpec.configure do |config|
  config.around { |example| Watchdog.watch(example) }
end
