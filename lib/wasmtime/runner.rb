# frozen_string_literal: true

require_relative "runner/program"
require_relative "runner/sandbox"
require_relative "runner/worker"

module Wasmtime
  # One run of a program: {Wasmtime.run}.
  # @api private
  class Runner
    # What counts as the guest's doing; anything else is raised by {Wasmtime.run} itself.
    def self.guest_fault?(error)
      error.is_a?(Error) && !error.is_a?(StoreError) && !error.is_a?(LinkError) && !error.is_a?(PoolExhaustedError)
    end

    # The guest's fault, or what is behind it: it failed after it had been denied memory.
    # @param fault [Error]
    # @param store [Store]
    # @return [Error]
    def self.explain(fault, store)
      return fault unless store.linear_memory_limit_hit? && !fault.is_a?(MemoryLimitError) && !fault.is_a?(TimeoutError)

      trap = fault.is_a?(Trap) ? { code: fault.code, frames: fault.frames, wasm_backtrace_message: fault.wasm_backtrace_message } : {}
      raise MemoryLimitError.new("the guest failed after it was denied memory beyond its limit: #{fault.message}", **trap), cause: fault
    rescue MemoryLimitError => e
      e
    end

    # @param program [Program]
    # @param sandbox [Sandbox]
    def initialize(program, sandbox, timeout:, memory_size:, fuel:)
      @program = program
      @sandbox = sandbox
      @timeout = timeout && CallOptions.seconds(timeout)
      @memory_size = memory_size
      @fuel = fuel
    end

    # @return [RunResult]
    def result
      store = Store.new(@program.engine, limits: { memory_size: @memory_size }, wasi_config: @sandbox.config, gvl: :release)
      begin
        store.set_fuel(@fuel) unless @fuel.nil?
        finish(store, Usage._now)
      ensure
        store.close
        @sandbox.stop
      end
    end

    private

    def finish(store, started)
      status, fault = outcome(store)
      usage = Usage._of(store, started, @fuel)
      fault = Runner.explain(fault || WasiExit.new(status), store) unless status == 0
      store.close
      @sandbox.finish(@timeout && (@timeout - (Usage._now - started)))
      RunResult.new(status: status, error: (fault unless fault.is_a?(WasiExit)), usage: usage, **@sandbox.captured)
    end

    # The status it ended with, or why it was stopped.
    def outcome(store)
      work = -> { CallOptions.within(store, timeout: @timeout) { @program.call(store) } }
      @sandbox.live? ? Worker.new(store, @sandbox, @timeout).run(&work) : work.call
      [0, nil]
    rescue WasiExit => e
      [e.code, nil]
    rescue Program::Failed
      [1, nil]
    rescue Error => e
      raise @sandbox.error if @sandbox.error
      raise unless Runner.guest_fault?(e)

      [nil, e]
    end
  end
end
