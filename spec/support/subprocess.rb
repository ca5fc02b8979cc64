# frozen_string_literal: true

require "open3"
require "rbconfig"

# Runs what might kill the process in one of its own.
module Subprocess
  LIB = File.expand_path("../../lib", __dir__)

  # Runs Ruby code with the gem loaded.
  # @return [Array(String, String, Process::Status)] stdout, stderr and status
  def run_ruby(code, env: {}, **options)
    Open3.capture3(env, RbConfig.ruby, "-W0", "-I", LIB, "-rwasmtime", "-e", code, **options)
  end

  # Runs an expression and returns what it raised as "Class: message"; fails when it raised nothing or ended the process.
  def raised_in_subprocess(code, **options)
    wrapped = <<~RUBY
      begin
        #{code}
        puts "nothing raised"
      rescue Exception => e
        puts "\#{e.class}: \#{e.message}"
      end
    RUBY
    out, err, status = run_ruby(wrapped, **options)
    raise "the process ended with #{status}: #{err}" unless status.success?

    out.chomp
  end
end

RSpec.configure { |config| config.include(Subprocess) }
