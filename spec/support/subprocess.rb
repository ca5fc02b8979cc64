# frozen_string_literal: true

require "open3"
require "rbconfig"
require "timeout"

# Runs what might kill or hang the process in one of its own.
module Subprocess
  LIB = File.expand_path("../../lib", __dir__)

  # Runs Ruby code with the gem loaded. Code that runs too long is killed, and that is a failure.
  # @return [Array(String, String, Process::Status)] stdout, stderr and status
  def run_ruby(code, env: {}, timeout: 20, **options)
    command = [env, RbConfig.ruby, "-W0", "-I", LIB, "-rwasmtime", "-e", code]
    Open3.popen3(*command, pgroup: true, **options) do |input, out, err, process|
      input.close
      readers = [out, err].map { |io| Thread.new { io.read } }
      hung = process.join(timeout).nil?
      Process.kill(:KILL, -process.pid) if hung
      texts = readers.map(&:value)
      raise "hung: still running after #{timeout} s\nstdout: #{texts[0]}\nstderr: #{texts[1]}" if hung

      [*texts, process.value]
    end
  end

  # Runs Ruby code that has to end well, and returns what it printed, without the last newline.
  def output_of(code, **options)
    out, err, status = run_ruby(code, **options)
    raise "the process ended with #{status}\nstdout: #{out}\nstderr: #{err.lines.first(30).join}" unless status.success?

    out.chomp
  end

  # Runs an expression and returns what it raised as "Class: message"; fails when it raised nothing or ended the process.
  def raised_in_subprocess(code, **options)
    output_of(<<~RUBY, **options)
      begin
        #{code}
        puts "nothing raised"
      rescue Exception => e
        puts "\#{e.class}: \#{e.message}"
      end
    RUBY
  end
end

RSpec.configure { |config| config.include(Subprocess) }
