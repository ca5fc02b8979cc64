# frozen_string_literal: true

require "fileutils"
require "open3"
require "rbconfig"
require "timeout"
require "tmpdir"

# Suites of RSpec and Minitest, written to a folder and run in a process of their own, and the guests that they run.
module TestSuites
  # A program: `_start` prints "hello\n" and exits with 3.
  PROGRAM = <<~'WAT'
    (module
      (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
      (memory (export "memory") 1)
      (data (i32.const 0) "\08\00\00\00\06\00\00\00hello\n")
      (func $print (export "print") (param i32) (drop (call $fd_write (local.get 0) (i32.const 0) (i32.const 1) (i32.const 16))))
      (func (export "_start") (call $print (i32.const 1)) (call $proc_exit (i32.const 3)))
      (func (export "exit") (param i32) (call $proc_exit (local.get 0)))
      (func (export "boom") (call $print (i32.const 2)) unreachable)
      (func (export "spin") (loop $again (br $again)))
      (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
      (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))
  WAT
  # A component that asks its host, and can loop for ever.
  COMPONENT = <<~WAT
    (component
      (import "test:host/scale@1.2.0" (instance $scale (export "factor" (func (param "name" string) (result u32)))))
      (core module $memory (memory (export "memory") 1) (data (i32.const 0) "double"))
      (core instance $memory (instantiate $memory))
      (core func $factor (canon lower (func $scale "factor") (memory (core memory $memory "memory"))))
      (core module $code
        (import "host" "factor" (func $factor (param i32 i32) (result i32)))
        (func (export "scale") (param i32) (result i32) (i32.mul (local.get 0) (call $factor (i32.const 0) (i32.const 6))))
        (func (export "spin") (param i32) (loop $again (br $again)))
        (func (export "fail") (result i32) (i32.const 1))
        (func (export "boom") unreachable))
      (core instance $code (instantiate $code (with "host" (instance (export "factor" (func $factor))))))
      (func (export "scale-by") (param "number" u32) (result u32) (canon lift (core func $code "scale")))
      (func (export "spin") (param "timeout" u32) (canon lift (core func $code "spin")))
      (func (export "fail") (result (result)) (canon lift (core func $code "fail")))
      (func (export "boom") (canon lift (core func $code "boom"))))
  WAT

  # @param files [Hash{String => String}] what is in the folder besides the fixtures
  # @yieldparam folder [String]
  def in_suite(files, fixtures: "spec/fixtures")
    Dir.mktmpdir do |folder|
      folder = File.realpath(folder)
      all = { "#{fixtures}/program.wat" => PROGRAM, "#{fixtures}/scale.wat" => COMPONENT, **files }
      all.each do |path, text|
        FileUtils.mkdir_p(File.dirname(File.join(folder, path)))
        File.write(File.join(folder, path), text)
      end
      yield folder
    end
  end

  # @return [Array(String, Process::Status)] what it printed; a suite that hangs is ended, and that is a failure
  def run_suite(folder, *command, timeout: 60)
    command = [{ "XDG_CACHE_HOME" => File.join(folder, "cache") }, RbConfig.ruby, "-W0", "-I", Subprocess::LIB, *command]
    Open3.popen2e(*command, chdir: folder, pgroup: true) do |input, output, process|
      input.close
      reader = Thread.new { output.read }
      hung = process.join(timeout).nil?
      Process.kill(:KILL, -process.pid) if hung
      raise "hung: still running after #{timeout} s\n#{reader.value}" if hung

      [reader.value, process.value]
    end
  end

  # Runs the body of an example group in RSpec.
  def run_rspec(code, *options, files: {})
    suite = "require 'wasmtime/rspec'\nRSpec.describe 'suite' do\n#{code}\nend\n"
    in_suite({ "spec/suite_spec.rb" => suite, **files }) { |folder| run_suite(folder, "-S", "rspec", "--no-color", *options, "spec/suite_spec.rb") }
  end

  # Runs the body of a test class in Minitest.
  def run_minitest(code, *options, before: "")
    suite = "require 'wasmtime/minitest'\nrequire 'minitest/autorun'\n#{before}\nclass SuiteTest < Minitest::Test\n#{code}\nend\n"
    in_suite({ "test/suite_test.rb" => suite }, fixtures: "test/fixtures") { |folder| run_suite(folder, "test/suite_test.rb", "--verbose", *options) }
  end
end

RSpec.configure { |config| config.include(TestSuites) }

# The session that `wasmtime/rspec` would give each example, for specs that do not load it.
RSpec.shared_context "with a session of Wasmtime::Testing" do
  include Wasmtime::Testing::Helpers

  around do |example|
    session = @_wasmtime_session = Wasmtime::Testing.const_get(:Session).new
    begin
      example.run
    ensure
      session.close
    end
  end
end
