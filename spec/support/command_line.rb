# frozen_string_literal: true

require "open3"
require "stringio"
require "tmpdir"
require "wasmtime/cli"

# Runs `wasmtime-rb`, in this process or in one of its own.
module CommandLine
  PROGRAM = File.expand_path("../../exe/wasmtime-rb", __dir__)
  GUESTS = File.expand_path("../../fixtures/guests", __dir__)
  # How it ended: the exit status (or the signal, as a Symbol), and what it wrote.
  Ran = Struct.new(:status, :stdout, :stderr)

  # Runs a command line in this process.
  def cli(*argv, stdin: "")
    out = StringIO.new
    err = StringIO.new
    status = Wasmtime::CLI.start(argv, stdin: StringIO.new(stdin), stdout: out, stderr: err)
    Ran.new(status, out.string, err.string)
  end

  # Runs the program. Text with `$PROGRAM` is a line for the shell. What runs too long is killed, and that is a failure.
  def program(*argv, stdin: "", env: {})
    words = [RbConfig.ruby, "-W0", "-I", Subprocess::LIB, PROGRAM]
    command = shell?(argv) ? ["bash", "-c", argv.first.gsub("$PROGRAM", words.join(" "))] : [*words, *argv]
    Open3.popen3({ "XDG_CACHE_HOME" => folder, **env }, *command, pgroup: true) do |input, out, err, process|
      readers = [out, err].map { |io| Thread.new { io.read } }
      feed(input, stdin)
      hung = process.join(60).nil?
      Process.kill(:KILL, -process.pid) if hung
      texts = readers.map(&:value)
      raise "hung: #{command.join(' ')}\nstdout: #{texts[0]}\nstderr: #{texts[1]}" if hung

      Ran.new(process.value.exitstatus || Signal.signame(process.value.termsig).to_sym, *texts)
    end
  end

  def feed(input, text)
    input.write(text)
  rescue Errno::EPIPE
    nil # it reads nothing
  ensure
    input.close
  end

  # Starts the program, with its input open, and gives the block its streams and the thread that waits for it.
  def open_program(*argv, &)
    Open3.popen3({ "XDG_CACHE_HOME" => folder }, RbConfig.ruby, "-W0", PROGRAM, *argv, &)
  end

  def shell?(argv)
    argv.first&.include?("$PROGRAM")
  end

  # A complaint: one line on standard error, and nothing on standard output.
  def refused(status, complaint)
    message = complaint.is_a?(Regexp) ? complaint : a_string_including(complaint)
    have_attributes(status: status, stdout: "", stderr: a_string_matching(/\Awasmtime-rb: [^\n]+\n\z/).and(match(message)))
  end

  # A folder of the example's own.
  def folder
    @folder ||= File.realpath(Dir.mktmpdir)
  end

  # A file in it.
  def write(name, content)
    File.join(folder, name).tap { |path| File.binwrite(path, content) }
  end

  # A program of spec/guests/, for preview 1 or 2.
  def guest_path(name)
    path = File.join(GUESTS, "#{name}.wasm")
    File.file?(path) ? path : raise("#{path} is missing: run `rake guests`")
  end

  # WebAssembly in the text format, by what it is for.
  MODULE = <<~WAT
    (module $calculator
      (import "env" "unused" (func))
      (func (export "add") (param $a i32) (param $b i32) (result i32) (i32.add (local.get $a) (local.get $b)))
      (memory (export "memory") 1 2))
  WAT
  COMPONENT = <<~WAT
    (component
      (core module $code (func (export "double") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2))))
      (core instance $code (instantiate $code))
      (func $double (param "number" u32) (result u32) (canon lift (core func $code "double")))
      (instance $math (export "double" (func $double)))
      (export "twice" (func $double))
      (export "test:guest/math@1.0.0" (instance $math)))
  WAT
end

RSpec.configure do |config|
  config.include(CommandLine, file_path: %r{spec/wasmtime/cli})
  config.around(file_path: %r{spec/wasmtime/cli}) do |example|
    Wasmtime.cache_dir = File.join(folder, "cache")
    example.run
  ensure
    Wasmtime.cache_dir = nil
    FileUtils.rm_rf(@folder) if @folder
  end
end
