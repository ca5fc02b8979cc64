# frozen_string_literal: true

RSpec.describe Wasmtime::Engine do
  # Each of these aborts the process when it reaches the C API's constructor.
  describe "a configuration Wasmtime refuses" do
    {
      "a guest stack of no bytes" => ["max_wasm_stack: 0", "max_wasm_stack size cannot be zero"],
      "a guest stack beyond the async stack" => ["max_wasm_stack: 3 << 20", "max_wasm_stack size cannot exceed the async_stack_size"],
      "an unknown Cranelift flag" => ["cranelift_flags: { bogus: true }", "No existing setting named 'bogus'"],
      "an unknown Cranelift setting" => ["cranelift_flags: { bogus: 1 }", "No existing setting named 'bogus'"],
      "a bad Cranelift value" => ["cranelift_flags: { opt_level: :bogus }", /\AWasmtime::Error: .*bogus|\AWasmtime::Error: Unexpected value/],
      "an unsupported target" => ['target: "riscv32-unknown-none"', "Support for this target has not been implemented yet"],
      "GC with Winch" => ["strategy: :winch, wasm_gc: true", "the wasm_gc feature is not supported on this compiler configuration"],
      "exceptions with Winch" => ["strategy: :winch, wasm_exceptions: true",
                                  "the wasm_exceptions feature is not supported on this compiler configuration"],
      "tail calls with Winch" => ["strategy: :winch, wasm_tail_call: true",
                                  "the wasm_tail_call feature is not supported on this compiler configuration"],
      "Winch without signals" => ["strategy: :winch, signals_based_traps: false",
                                  "Winch requires the signals-based-traps option to be enabled"],
      "relaxed SIMD without SIMD" => ["wasm_simd: false, wasm_relaxed_simd: true",
                                      "cannot disable the simd proposal but enable the relaxed simd proposal"],
      "concurrency that is not compiled in" => ["concurrency_support: true",
                                                "concurrency support was requested but was not compiled into this build of Wasmtime"],
      "a pool of memories beyond their reservation" => ["allocation_strategy: :pooling, memory_reservation: 0",
                                                        /maximum memory size of .* exceeds the configured memory reservation/],
      "a pool of endless stacks" => ["allocation_strategy: :pooling, async_stack_size: 2**64 - 1", /stack size exceeds addressable memory/],
      "a missing cache file" => ['cache: "/nonexistent"', /failed to read config file/]
    }.each do |what, (options, reason)|
      it "is an exception: #{what}" do
        expected = reason.is_a?(Regexp) ? match(reason) : eq("Wasmtime::Error: #{reason}")
        expect(raised_in_subprocess("Wasmtime::Engine.new(#{options})")).to expected
      end
    end

    it "is an exception: a jitdump that cannot be written" do
      code = "Wasmtime::Engine.new(profiler: :jitdump)"
      expect(raised_in_subprocess(code, chdir: "/proc")).to match(/\AWasmtime::Error: .+/)
    end

    it "is an exception or works: VTune" do
      expect(raised_in_subprocess("Wasmtime::Engine.new(profiler: :vtune)")).to match(/\A(nothing raised|Wasmtime::Error: .+)\z/)
    end

    it "is an exception: a pool that gets no address space" do
      code = "Process.setrlimit(Process::RLIMIT_AS, 4 << 30); Wasmtime::Engine.new(allocation_strategy: :pooling)"
      expect(raised_in_subprocess(code)).to match(/\AWasmtime::Error: .*Cannot allocate memory/)
    end
  end

  # Sizes that no machine can map, or that no stack can hold.
  [
    "memory_reservation: 2**64 - 1", "memory_guard_size: 2**64 - 1", "memory_reservation: 2**63, memory_guard_size: 2**63",
    "memory_reservation: 0, memory_reservation_for_growth: 2**63", "memory_reservation: 0, memory_guard_size: 0, memory_may_move: false",
    "async_stack_size: 2**64 - 1, max_wasm_stack: 2**64 - 1", "max_wasm_stack: 1"
  ].each do |options|
    it "survives #{options}" do
      code = <<~RUBY
        engine = Wasmtime::Engine.new(#{options})
        mod = Wasmtime::Module.new(engine, '(module (memory 1) (func (export "f") (result i32) (memory.grow (i32.const 3))))')
        Wasmtime::Instance.new(Wasmtime::Store.new(engine), mod).invoke("f")
      RUBY
      expect(raised_in_subprocess(code)).to match(/\A(nothing raised|Wasmtime::\w+: .+)/)
    end
  end

  it "makes pools as long as unused ones can be collected" do
    code = "40.times { Wasmtime::Engine.new(allocation_strategy: :pooling) }"
    expect(raised_in_subprocess(code)).to eq("nothing raised")
  end
end
