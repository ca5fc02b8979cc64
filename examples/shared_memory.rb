# frozen_string_literal: true

# A memory that guests on several threads and Ruby share: atomic numbers, waiting and waking.
require "wasmtime"

engine = Wasmtime::Engine.new(wasm_threads: true, shared_memory: true)
memory = Wasmtime::SharedMemory.new(engine, min_size: 1, max_size: 1)
worker = Wasmtime::Module.new(engine, <<~WAT)
  (module
    (import "env" "memory" (memory 1 1 shared))
    (func (export "run") (param $times i32)
      ;; Waits until Ruby gives the sign.
      (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1)))
      (loop $again
        (drop (i32.atomic.rmw.add (i32.const 4) (i32.const 1)))
        (br_if $again (local.tee $times (i32.sub (local.get $times) (i32.const 1)))))))
WAT

threads = Array.new(4) do
  Thread.new do
    # Stores of such an engine release the GVL, so that the guests run at the same time.
    Wasmtime::Instance.new(Wasmtime::Store.new(engine), worker, { "env" => { memory: memory } }).invoke("run", 100_000)
  end
end

memory.atomic_store_i32(0, 1)
memory.atomic_notify(0)
threads.each(&:join)
puts "four guests counted to #{memory.atomic_load_i32(4)}"

waiting = Thread.new { memory.atomic_wait_i32(8, 0) }
Thread.pass until memory.atomic_notify(8).positive?
puts "the wait ended: #{waiting.value}"
memory.atomic_store_i32(8, 1)
puts "another number is there: #{memory.atomic_wait_i32(8, 0, timeout: 1)}"
