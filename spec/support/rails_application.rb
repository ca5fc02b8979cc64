# frozen_string_literal: true

require "fileutils"
require "tmpdir"

# Rails applications of a few files, each in a process of its own: Rails changes Ruby's core classes.
module RailsApplication
  # What is in plugins/, when a spec does not say.
  ANSWER = <<~WAT
    (module (func (export "answer") (result i32) i32.const 42))
  WAT

  APPLICATION = <<~'RUBY'
    require "rails"
    require "wasmtime/railtie"

    # What is logged is what is printed, in one order.
    $stdout.sync = true
    LOGGER = Logger.new($stdout, formatter: ->(level, _time, _program, text) { "#{level} #{text}\n" })

    class Application < Rails::Application
      config.root = Dir.pwd
      config.logger = LOGGER
      config.colorize_logging = false
      config.secret_key_base = "0" * 64
      config.active_support.deprecation = :stderr
      config.cache_classes = config.eager_load = ENV.fetch("RAILS_ENV") == "production"
    end
  RUBY

  module_function

  def installed?
    @installed ||= Gem::Specification.find_all_by_name("railties").any? { |gem| gem.version >= Gem::Version.new("6.1") }
  end

  # Runs code in a folder with files: `APPLICATION` is loaded, and not initialized.
  # @param files [Hash{String => String, nil}] by path; nil is a folder
  # @return [String] what was printed and logged
  def run(example, code, environment: "production", files: { "plugins/answer.wat" => ANSWER }, env: {}, timeout: 60)
    Dir.mktmpdir do |folder|
      write(folder, files)
      out, err, status = example.run_ruby(APPLICATION + code, env: { "RAILS_ENV" => environment }.merge(env), chdir: folder, timeout: timeout)
      raise "the application ended with #{status}\n#{out}\n#{err}" unless status.success?

      out
    end
  end

  def write(folder, files)
    files.each do |path, text|
      path = File.join(folder, path)
      FileUtils.mkdir_p(text ? File.dirname(path) : path)
      File.binwrite(path, text) if text
    end
  end
end

RSpec.configure do |config|
  # All of it happens in subprocesses: there is nothing to check types or the heap of here.
  config.define_derived_metadata(rails: true) { |metadata| metadata.merge!(untyped: true, slow: true) }
  config.before(:each, :rails) { skip "Rails is missing: run bin/setup" unless RailsApplication.installed? }
end
