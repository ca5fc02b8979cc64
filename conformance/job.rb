# frozen_string_literal: true

require "io/wait"
require "rbconfig"
require "tempfile"
require_relative "transcript"

module Conformance
  # One file and the process that runs it.
  class Job
    WORKER = File.join(__dir__, "worker.rb")
    LIBRARY = File.expand_path("../lib", __dir__)

    # @param path [String]
    # @param compiler [String]
    # @param timeout [Numeric] seconds the process may take
    def initialize(path, compiler:, timeout:)
      @path = path
      @compiler = compiler
      @timeout = timeout
    end

    # @return [Transcript]
    def run
      Tempfile.create("wast") do |errors|
        IO.pipe do |reader, writer|
          worker = start(writer, errors.path)
          writer.close
          follow(worker, reader, errors.path)
        ensure
          stop(worker) if worker
        end
      end
    end

    private

    # @return [Process::Waiter] which knows the process until it is waited for
    def start(output, errors)
      command = [RbConfig.ruby, "-I#{LIBRARY}", WORKER, @path, @compiler]
      Process.detach(Process.spawn(*command, out: output, err: errors, in: File::NULL))
    end

    def follow(worker, reader, errors)
      transcript = Transcript.new
      return transcript.close("nothing after #{@timeout} seconds") unless read(reader, transcript)

      transcript.close("the process ended with #{describe(worker.value)}#{last_words(errors)}")
    end

    def stop(worker)
      Process.kill(:KILL, worker.pid) if worker.alive?
      worker.join
    rescue Errno::ESRCH
      nil
    end

    # @return [Boolean] whether it came to its end in time
    def read(reader, transcript)
      deadline = now + @timeout
      rest = +""
      loop do
        return false unless reader.wait_readable([deadline - now, 0].max)

        *lines, rest = (rest << reader.readpartial(1 << 16)).split("\n", -1)
        lines.each { |line| transcript << line }
      rescue EOFError
        return true
      end
    end

    def now
      Process.clock_gettime(Process::CLOCK_MONOTONIC)
    end

    def describe(status)
      status.signaled? ? "SIG#{Signal.signame(status.termsig)}" : "status #{status.exitstatus}"
    end

    def last_words(errors)
      line = File.read(errors).lines.map(&:strip).reject(&:empty?).first
      line ? ": #{line}" : ""
    end
  end
end
