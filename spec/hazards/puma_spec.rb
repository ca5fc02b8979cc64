# frozen_string_literal: true

require "net/http"
require "open3"
require "tmpdir"

# A cluster as Rails applications run it: the application is loaded once, then forked.
RSpec.describe "A Puma cluster" do
  workers = 2

  before { skip "puma is missing: run bin/setup" unless ENV.fetch("PATH").split(":").any? { |folder| File.executable?(File.join(folder, "puma")) } }

  # Everything here happens in the parent, and is used by the workers.
  application = <<~'RUBY'
    require "wasmtime"

    MOD = Wasmtime::Module.new(<<~WAT)
      (module
        (import "env" "slow" (func $slow))
        (func (export "square") (param i32) (result i32) (i32.mul (local.get 0) (local.get 0)))
        (func (export "spin") (loop $again (br $again)))
        (func (export "slow") (call $slow))
        (func (export "trap") unreachable))
    WAT
    linker = Wasmtime::Linker.new
    linker.func_new("env", "slow", [], []) { sleep 0.05 }
    PRE = linker.instantiate_pre(MOD)
    raise "wrong" unless PRE.instantiate(Wasmtime::Store.new).invoke("square", 3) == 9
    begin
      PRE.instantiate(Wasmtime::Store.new).invoke("spin", timeout: 0.01)
    rescue Wasmtime::TimeoutError
      nil
    end

    run lambda { |env|
      name, number = env["PATH_INFO"].split("/").drop(1)
      answer = Wasmtime::Store.open do |store|
        instance = PRE.instantiate(store)
        case name
        when "compile" then Wasmtime::Instance.new(store, Wasmtime::Module.new("(module (func (export \"n\") (result i32) i32.const #{number}))")).invoke("n")
        when "square" then instance.invoke(name, Integer(number))
        when "slow" then instance.invoke(name, timeout: 30)
        else instance.invoke(name, timeout: 0.1)
        end
      rescue Wasmtime::Trap => e
        e.class.name
      end
      [200, { "Content-Type" => "text/plain" }, ["#{Process.pid} #{answer}"]]
    }
  RUBY

  # Puma on a free port, with the application preloaded; the block is given a way to ask it.
  def serve(application, workers)
    Dir.mktmpdir do |folder|
      File.write(File.join(folder, "config.ru"), application)
      File.write(File.join(folder, "puma.rb"), "preload_app!\nworkers #{workers}\nthreads 3, 3\nbind 'tcp://127.0.0.1:0'\n")
      command = ["puma", "-I", Subprocess::LIB, "-C", "puma.rb", "config.ru"]
      Open3.popen2e({ "RUBYOPT" => "-W0" }, *command, chdir: folder) do |input, output, process|
        input.close
        yield ask(output, workers)
      ensure
        Process.kill(:TERM, process.pid)
        Process.kill(:KILL, process.pid) unless process.join(20)
      end
    end
  end

  # Waits until all workers are there.
  def ask(output, workers)
    log = +""
    Timeout.timeout(60) { log << output.readline until log.scan(/booted/).size == workers }
    Thread.new { output.each_line { |line| log << line } }
    port = Integer(log[/Listening on .*:(\d+)/, 1])
    ->(path) { Net::HTTP.get(URI("http://127.0.0.1:#{port}#{path}")).split(" ", 2) }
  rescue EOFError, Timeout::Error
    raise "Puma did not start:\n#{log}"
  end

  it "serves requests that run wasm, traps and times out, in each worker" do
    serve(application, workers) do |get|
      asked = Array.new(60) { |n| Thread.new { [n, *get.call("/square/#{n}")] } }.map(&:value)
      expect(asked.map { |n, _, answer| [n, answer] }).to eq(Array.new(60) { |n| [n, (n * n).to_s] })
      expect(asked.map { |_, pid,| pid }.uniq.size).to be_between(1, workers)

      answers = %w[/spin /trap /slow /compile/7 /square/12].cycle.first(40).map { |path| Thread.new { [path, *get.call(path)] } }.map(&:value)
      expect(answers.map { |path, _, answer| [path, answer] }.uniq).to contain_exactly(
        ["/spin", "Wasmtime::TimeoutError"], ["/trap", "Wasmtime::Trap"], ["/slow", ""], ["/compile/7", "7"], ["/square/12", "144"]
      )
      expect(answers.map { |_, pid,| pid }.uniq.size).to eq(workers)
    end
  end
end
