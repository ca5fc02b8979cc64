# frozen_string_literal: true

require "net/http"
require "open3"
require "timeout"

# Puma as in production, on a free port.
class Cluster
  TIMEOUT = 30 # seconds until which each request has to be answered
  Answer = Struct.new(:plugin, :status, :body, :seconds, keyword_init: true)

  # Yields a cluster whose workers are all there, and stops it afterwards.
  def self.run(workers:)
    environment = { "RAILS_ENV" => "production", "SECRET_KEY_BASE" => "0" * 64, "WEB_CONCURRENCY" => workers.to_s, "PORT" => "0" }
    Open3.popen2e(environment, "bundle", "exec", "puma", "-C", "config/puma.rb", chdir: Rails.root.to_s) do |input, output, process|
      input.close
      yield new(output, workers)
    ensure
      Process.kill(:TERM, process.pid)
      Process.kill(:KILL, process.pid) unless process.join(20)
    end
  end

  attr_reader :log

  def initialize(output, workers)
    @log = +""
    Timeout.timeout(120) { @log << output.readline until pids.size == workers }
    @reader = Thread.new { output.each_line { |line| @log << line } }
    @port = Integer(@log[/Listening on .*:(\d+)/, 1])
  rescue EOFError, Timeout::Error
    raise "Puma did not start:\n#{@log}"
  end

  # All workers that ever were.
  def pids
    log.scan(/\(PID: (\d+)\) booted/).flatten.map(&:to_i)
  end

  def alive?(pid)
    Process.kill(0, pid) == 1
  rescue Errno::ESRCH
    false
  end

  # One request after the other, each a name of a plugin and a text.
  def ask_each(requests)
    requests.map { |plugin, text| ask(plugin, text) }
  end

  # Every request at once.
  def ask_all(requests)
    requests.map { |plugin, text| Thread.new { ask(plugin, text) } }.map(&:value)
  end

  def ask(plugin, text)
    began = now
    response = Net::HTTP.start("127.0.0.1", @port, open_timeout: TIMEOUT, read_timeout: TIMEOUT, max_retries: 0) do |http|
      http.post("/plugins/#{plugin}", text, "Content-Type" => "text/plain")
    end
    Answer.new(plugin: plugin, status: response.code.to_i, body: response.body.force_encoding("UTF-8"), seconds: now - began)
  end

  private

  def now
    Process.clock_gettime(Process::CLOCK_MONOTONIC)
  end
end
