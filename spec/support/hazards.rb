# frozen_string_literal: true

require "timeout"

# What the hazard specs share.
module Hazards
  # Put before the code of a subprocess: the names it may use.
  PRELUDE = <<~'RUBY'
    require "timeout"
    require "objspace"
    def engine = Wasmtime::Engine.default
    def compile(wat, on = engine) = Wasmtime::Module.new(on, wat)
    def build(wat, imports = [], store: Wasmtime::Store.new, on: engine) = Wasmtime::Instance.new(store, compile(wat, on), imports)
    def raised
      yield
      "nothing"
    rescue Exception => e
      e
    end
    # Runs a block on a stack of its own, so that nothing it made stays on this one.
    def apart(&block) = Thread.new(&block).value
    # Collects garbage until the block is true. False when it never is.
    def eventually
      50.times do
        apart { 100.times { Object.new } }
        GC.start
        return true if yield
      end
      false
    end
    def live(kind = :Store) = Wasmtime._live_handles.fetch(kind)
    def rss = File.read("/proc/self/statm").split[1].to_i * 4096 / 1024.0 / 1024
    LOOPING = '(module (func (export "loop") (loop $l br $l)) (func (export "ok") (result i32) i32.const 1))'.freeze
    CALLING = '(module (import "" "" (func $f)) (func (export "run") call $f) (func (export "ok") (result i32) i32.const 1))'.freeze
  RUBY

  # What the code printed, in a process of its own.
  def apart(code, **options)
    output_of("#{PRELUDE}\n#{code}", **options)
  end

  # What a block raised, nil when nothing.
  def raised_by
    yield
    nil
  rescue Exception => e # rubocop:disable Lint/RescueException
    e
  end

  def build(store, wat, imports = [], engine = Wasmtime::Engine.default)
    Wasmtime::Instance.new(store, Wasmtime::Module.new(engine, wat), imports)
  end

  # Runs the block while another thread is inside a host block of the store.
  def while_busy(store)
    inside = Queue.new
    done = Queue.new
    func = Wasmtime::Func.new(store, [], []) { (inside << true) && done.pop }
    thread = Thread.new { func.call }
    inside.pop
    yield
  ensure
    done << true
    thread.join
  end
end

RSpec.configure { |config| config.include(Hazards, file_path: %r{spec/hazards/}) }
