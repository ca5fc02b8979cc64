# frozen_string_literal: true

require_relative "job"

module Conformance
  # Runs files side by side, and gives their transcripts in the order of the files.
  class Pool
    # @param jobs [Integer] how many at a time
    # @param options [Hash] as {Job#initialize}
    def initialize(jobs, **options)
      @jobs = jobs
      @options = options
    end

    # @param paths [Array<String>]
    # @yieldparam path [String]
    # @yieldparam transcript [Transcript]
    def run(paths)
      done = paths.to_h { |path| [path, Thread::Queue.new] }
      waiting = Thread::Queue.new
      done.each_key { |path| waiting << path }
      waiting.close
      workers = Array.new(@jobs) { Thread.new { work(waiting, done) }.tap { |thread| thread.abort_on_exception = true } }
      done.each { |path, queue| yield path, queue.pop }
    ensure
      workers&.each(&:kill)&.each(&:join)
    end

    private

    def work(waiting, done)
      while (path = waiting.pop)
        done[path] << Job.new(path, **@options).run
      end
    end
  end
end
