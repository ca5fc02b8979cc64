# frozen_string_literal: true

# What the doorbell cannot stop in the middle.
RSpec.describe "Guests that cannot be stopped at once" do
  it "lets other threads run while a guest waits for a shared memory, and wakes it" do
    out = apart(<<~'RUBY')
      threads = Wasmtime::Engine.new(shared_memory: true, wasm_threads: true)
      mod = compile('(module (import "" "m" (memory 1 1 shared))
        (func (export "wait") (result i32) (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1)))
        (func (export "notify") (result i32) (memory.atomic.notify (i32.const 0) (i32.const 1))))', threads)
      memory = Wasmtime::Instance.new(Wasmtime::Store.new(threads), compile('(module (memory (export "m") 1 1 shared))', threads)).export("m")
      make = -> { Wasmtime::Instance.new(Wasmtime::Store.new(threads), mod, [memory]) }
      waiting = Thread.new { make.call.invoke("wait") }
      count = 0
      (count += 1) && sleep(0.001) until waiting.stop? && count > 50
      notify = make.call
      sleep 0.001 until notify.invoke("notify") == 1
      p waiting.value
      forever = Thread.new { make.call.invoke("wait") }
      sleep 0.05
      p count > 50, forever.alive?
      $stdout.flush
      exit!(0)
    RUBY
    expect(out.lines.map(&:chomp)).to eq(%w[0 true true])
  end

  it "ends a bulk instruction first, and then the call" do
    out = apart(<<~'RUBY', timeout: 60)
      filling = build('(module (memory 4096) (func (export "fill") (memory.fill (i32.const 0) (i32.const 7) (i32.const 268435456)) (loop $l br $l)))')
      p raised { Timeout.timeout(0.02) { filling.invoke("fill") } }.class, raised { filling.invoke("fill", timeout: 0.02) }.class
    RUBY
    expect(out.lines.map(&:chomp)).to eq(%w[Timeout::Error Wasmtime::TimeoutError])
  end
end
