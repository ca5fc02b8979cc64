# frozen_string_literal: true

require "pathname"
require "tmpdir"

RSpec.describe Wasmtime::Engine do
  let(:engine) { described_class.new }

  describe ".new" do
    it "takes keywords, a Hash, both, or nothing" do
      expect(described_class.new.inspect).to eq("#<Wasmtime::Engine>")
      expect(described_class.new(nil).inspect).to eq("#<Wasmtime::Engine>")
      expect(described_class.new(consume_fuel: true).inspect).to eq("#<Wasmtime::Engine consume_fuel: true>")
      expect(described_class.new({ consume_fuel: true }).inspect).to eq("#<Wasmtime::Engine consume_fuel: true>")
      expect(described_class.new({ consume_fuel: true }, consume_fuel: false).inspect).to eq("#<Wasmtime::Engine consume_fuel: false>")
    end

    it "takes what converts to a Hash" do
      config = Class.new { def to_hash = { consume_fuel: true } }.new
      expect(described_class.new(config).inspect).to eq("#<Wasmtime::Engine consume_fuel: true>")
    end

    it "refuses other configurations" do
      expect { described_class.new(3) }.to raise_error(TypeError, "no implicit conversion of Integer into Hash")
      expect { described_class.new(false) }.to raise_error(TypeError, "no implicit conversion of false into Hash")
    end

    it "refuses option names that are no Symbols" do
      expect { described_class.new("debug_info" => true) }.to raise_error(TypeError, 'option names are Symbols, got "debug_info"')
    end

    it "refuses unknown options, and says which one is near" do
      expect { described_class.new(nope: 1) }.to raise_error(ArgumentError, "Unknown option: :nope")
      expect { described_class.new(max_wasm_stak: 1) }
        .to raise_error(ArgumentError, "Unknown option: :max_wasm_stak (did you mean :max_wasm_stack?)")
    end

    truthy = %i[
      debug_info native_unwind_info consume_fuel epoch_interruption wasm_threads wasm_multi_memory wasm_memory64 wasm_reference_types
      wasm_exceptions parallel_compilation generate_address_map async_stack_zeroing wasm_backtrace_details
    ]
    truthy.each do |name|
      it "takes any object for #{name}" do
        [true, false, nil, 1, "no"].each { |value| expect(described_class.new(name => value)).to be_a(described_class) }
      end
    end

    strict = %i[
      interruptible shared_memory wasm_tail_call wasm_function_references wasm_gc gc_support wasm_relaxed_simd
      wasm_relaxed_simd_deterministic wasm_bulk_memory wasm_multi_value wasm_wide_arithmetic wasm_branch_hinting wasm_custom_page_sizes
      wasm_stack_switching wasm_component_model wasm_component_model_map cranelift_debug_verifier cranelift_nan_canonicalization
      memory_may_move memory_init_cow macos_use_mach_ports signals_based_traps
    ]
    strict.each do |name|
      it "takes true, false and nil for #{name}" do
        [true, false, nil].each { |value| expect(described_class.new(name => value)).to be_a(described_class) }
        expect { described_class.new(name => 1) }.to raise_error(TypeError, "option #{name}: expected true or false, got Integer")
      end
    end

    it "takes wasm_simd and concurrency_support as far as Wasmtime does" do
      expect(described_class.new(wasm_simd: false, wasm_relaxed_simd: false)).to be_a(described_class)
      expect(described_class.new(concurrency_support: false)).to be_a(described_class)
    end

    numbers = {
      max_wasm_stack: 1 << 20, async_stack_size: 4 << 20, memory_reservation: 1 << 20, memory_guard_size: 1 << 16,
      memory_reservation_for_growth: 1 << 20
    }
    numbers.each do |name, value|
      it "takes bytes for #{name}" do
        expect(described_class.new(name => value)).to be_a(described_class)
        expect { described_class.new(name => "8") }.to raise_error(TypeError, "option #{name}: expected an Integer (bytes), got String")
        expect { described_class.new(name => -1) }.to raise_error(RangeError, /\Aoption #{name}: expected 0 to \d+, got -1\z/)
        expect { described_class.new(name => 1 << 64) }.to raise_error(RangeError, /\Aoption #{name}: expected 0 to \d+, got #{1 << 64}\z/)
        expect { described_class.new(name => Float::INFINITY) }.to raise_error(RangeError, /\Aoption #{name}/)
      end
    end

    choices = {
      strategy: %i[auto cranelift winch], cranelift_opt_level: %i[none speed speed_and_size],
      cranelift_regalloc_algorithm: %i[backtracking single_pass], profiler: %i[none jitdump vtune perfmap]
    }
    choices.each do |name, names|
      it "takes one of #{names.inspect} for #{name}" do
        (names - %i[jitdump vtune perfmap]).each { |value| expect(described_class.new(name => value)).to be_a(described_class) }
        expect { described_class.new(name => :nope) }
          .to raise_error(ArgumentError, "invalid #{name.inspect}, expected one of #{names.inspect}, got :nope")
        expect { described_class.new(name => names.first.name) }
          .to raise_error(TypeError, "option #{name}: expected one of #{names.inspect}, got String")
      end
    end

    it "takes a target" do
      expect(described_class.new(target: nil)).not_to be_pulley
      expect(described_class.new(target: "pulley64")).to be_pulley
      expect { described_class.new(target: "nope") }.to raise_error(ArgumentError, "Invalid target: nope: Unrecognized architecture: nope")
      expect { described_class.new(target: :pulley64) }.to raise_error(TypeError, "option target: expected a String, got Symbol")
      expect { described_class.new(target: "riscv32-unknown-none") }
        .to raise_error(Wasmtime::Error, "Support for this target has not been implemented yet")
    end

    it "takes text in any encoding of Unicode, but no broken text and no NUL" do
      expect(described_class.new(target: "pulley64".encode("UTF-16LE"))).to be_pulley
      expect { described_class.new(target: "\xFF") }.to raise_error(ArgumentError, "option target: the text is not valid UTF-8")
      expect { described_class.new(target: "pulley64\0") }.to raise_error(ArgumentError, "option target: the text contains a NUL byte")
      expect { described_class.new(cranelift_flags: { "a\0" => true }) }.to raise_error(ArgumentError, /cranelift_flags.*NUL/)
      expect { described_class.new(cache: "a\0") }.to raise_error(ArgumentError, /cache.*NUL/)
    end

    it "takes an allocation strategy" do
      small = Wasmtime::PoolingAllocationConfig.new(total_memories: 1, max_memory_size: 1 << 16)
      [nil, :on_demand, :pooling, small].each { |value| expect(described_class.new(allocation_strategy: value)).to be_a(described_class) }
      expect(described_class.new(allocation_strategy: small).inspect).to eq("#<Wasmtime::Engine allocation_strategy: :pooling>")
      expect { described_class.new(allocation_strategy: :nope) }
        .to raise_error(ArgumentError, "invalid instance allocation strategy: :nope")
      expect { described_class.new(allocation_strategy: "pooling") }.to raise_error(TypeError, /option allocation_strategy: expected .+, got String/)
    end

    it "takes Cranelift flags" do
      flags = { enable_verifier: true, "opt_level" => :speed, is_pic: false, "machine_code_cfg_info" => "true" }
      expect(described_class.new(cranelift_flags: flags)).to be_a(described_class)
      expect { described_class.new(cranelift_flags: [1]) }.to raise_error(TypeError, "option cranelift_flags: expected a Hash, got Array")
      expect { described_class.new(cranelift_flags: { 1 => true }) }.to raise_error(TypeError, /expected a String or Symbol as a name, got Integer/)
      expect { described_class.new(cranelift_flags: { a: Object.new }) }.to raise_error(TypeError, /as a value, got Object/)
    end

    it "caches compiled code as a configuration file says" do
      Dir.mktmpdir do |folder|
        file = File.join(folder, "cache.toml")
        File.write(file, "[cache]\ndirectory = #{File.join(folder, 'code').inspect}\n")
        [file, Pathname(file)].each { |path| expect(described_class.new(cache: path)).to be_a(described_class) }
        [nil, false].each { |value| expect(described_class.new(cache: value)).to be_a(described_class) }
        expect { described_class.new(cache: File.join(folder, "none")) }.to raise_error(Wasmtime::Error, /failed to read config file.*No such file/)
        expect { described_class.new(cache: 3) }.to raise_error(TypeError, "option cache: expected true, false or a path, got Integer")
      end
    end

    %i[wasm_component_model_async wasm_component_model_more_async_builtins wasm_component_model_async_stackful].each do |name|
      it "says that #{name} is not compiled in" do
        expect { described_class.new(name => true) }.to raise_error(Wasmtime::Error, "#{name} is not compiled into this build of Wasmtime")
        expect(described_class.new(name => false)).to be_a(described_class)
      end
    end

    it "returns plain engines, frozen, shareable and never without their native half" do
      expect(Class.new(described_class).new).to be_an_instance_of(described_class)
      expect(engine).to be_frozen
      expect(Ractor.shareable?(engine)).to be(true)
      expect { described_class.allocate }.to raise_error(TypeError)
      expect { engine.dup }.to raise_error(TypeError)
      expect { engine.clone(freeze: false) }.to raise_error(TypeError)
    end

    it "has an option for every setter of the C API that takes no callback" do
      documented = %i[interruptible cache target allocation_strategy cranelift_flags wasm_backtrace_details generate_address_map async_stack_zeroing]
      expect(described_class.send(:_options).keys + documented).to include(
        *truthy, *strict, *numbers.keys, *choices.keys, :wasm_simd, :concurrency_support, :wasm_component_model_async
      )
      expect(described_class.send(:_options).size).to eq(49)
    end
  end

  describe ".default" do
    it "is one engine for everybody" do
      expect(described_class.default).to equal(described_class.default)
      expect(Thread.new { described_class.default }.value).to equal(described_class.default)
    end

    it "is the same in every Ractor" do
      out, err, = run_ruby("puts Ractor.new { Wasmtime::Engine.default.hash }.take == Wasmtime::Engine.default.hash")
      expect(out).to eq("true\n"), err
    end

    it "survives garbage collection and compaction" do
      code = "id = Wasmtime::Engine.default.object_id; GC.start; GC.compact; p Wasmtime::Engine.default.object_id == id"
      expect(run_ruby(code).first).to eq("true\n")
    end

    it "may be set until somebody uses it" do
      out, err, = run_ruby(<<~RUBY)
        Wasmtime::Engine.default = Wasmtime::Engine.new(debug_info: true)
        Wasmtime::Engine.default = Wasmtime::Engine.new(consume_fuel: true)
        p Wasmtime::Engine.default
        begin
          Wasmtime::Engine.default = Wasmtime::Engine.new
        rescue Wasmtime::Error => e
          puts e.message
        end
        p Wasmtime::Engine.default
      RUBY
      expect(out.lines(chomp: true)).to eq(
        ["#<Wasmtime::Engine consume_fuel: true>",
         "the default engine is in use already: set Wasmtime::Engine.default before anything reads it",
         "#<Wasmtime::Engine consume_fuel: true>"]
      ), err
    end

    it "cannot be anything else than an engine" do
      expect { described_class.default = nil }.to raise_error(TypeError, /into Wasmtime::Engine/)
    end
  end

  describe "equality" do
    it "is identity, and never raises" do
      expect(engine == engine.itself).to be(true)
      [described_class.new, nil, 1, "x", BasicObject.new].each { |other| expect(engine == other).to be(false) }
      expect(engine.eql?(engine.itself)).to be(true)
      expect(engine.eql?(1)).to be(false)
    end

    it "makes engines good keys" do
      expect({ engine => 1 }).to include(engine => 1)
      expect({ engine => 1 }).not_to have_key(described_class.new)
    end
  end

  describe "epochs" do
    it "are advanced by hand or by the clock" do
      expect([engine.increment_epoch, engine.start_epoch_interval(10), engine.start_epoch_interval(20)]).to eq([nil, nil, nil])
      expect([engine.stop_epoch_interval, engine.stop_epoch_interval]).to eq([nil, nil])
    end

    it "end stores when the clock says so, in forked children too" do
      out, err, = run_ruby(<<~RUBY)
        engine = Wasmtime::Engine.new(epoch_interruption: true)
        engine.start_epoch_interval(20)
        forever = Wasmtime::Module.new(engine, '(module (func (export "f") (loop (br 0))))')
        run = lambda do
          store = Wasmtime::Store.new(engine)
          store.set_epoch_deadline(1)
          Wasmtime::Instance.new(store, forever).invoke("f")
        rescue Wasmtime::Trap => e
          puts e.message
        end
        run.call
        Process.wait(fork { run.call; $stdout.flush })
      RUBY
      expect(out.lines(chomp: true)).to eq(["wasm trap: interrupt"] * 2), err
    end

    it "start no thread" do
      code = "e = Wasmtime::Engine.new; n = Dir.children('/proc/self/task').size; e.start_epoch_interval(1); sleep 0.02; " \
             "p Dir.children('/proc/self/task').size - n"
      skip "needs /proc" unless File.directory?("/proc/self/task")
      expect(run_ruby(code).first).to eq("0\n")
    end

    it "need an interval of at least a millisecond" do
      expect { engine.start_epoch_interval(0) }.to raise_error(ArgumentError, "an epoch interval must be at least 1 millisecond")
      expect { engine.start_epoch_interval(-1) }.to raise_error(RangeError, /milliseconds is negative/)
      expect { engine.start_epoch_interval("1") }.to raise_error(TypeError)
      expect { engine.start_epoch_interval }.to raise_error(ArgumentError, /wrong number of arguments \(given 0, expected 1/)
    end
  end

  describe "#precompile_module" do
    it "compiles binaries and text to a binary String" do
      [%((module (func (export "f")))), "\0asm\1\0\0\0".b].each do |wasm|
        code = engine.precompile_module(wasm)
        expect(code.encoding).to eq(Encoding::BINARY)
        expect(code).to start_with("\x7FELF".b)
      end
    end

    it "compiles for targets that cannot run here" do
      expect(described_class.new(target: "aarch64-unknown-linux-gnu").precompile_module("(module)")).to start_with("\x7FELF".b)
    end

    it "says what is wrong" do
      expect { engine.precompile_module("(module") }.to raise_error(Wasmtime::CompileError, /expected `\)`/)
      expect { engine.precompile_module("") }.to raise_error(Wasmtime::CompileError)
      expect { engine.precompile_module(nil) }.to raise_error(TypeError, "no implicit conversion of nil into String")
    end

    it "lets other threads run" do
      ticks = 0
      ticker = Thread.new { loop { (ticks += 1) && sleep(0.001) } }
      functions = Array.new(2_000) { |i| "(func (export \"f#{i}\") (param i32) (result i32) (i32.mul (local.get 0) (i32.const #{i})))" }
      engine.precompile_module("(module #{functions.join})")
      expect(ticks).to be > 1
    ensure
      ticker.kill
    end
  end

  describe "#precompile_component" do
    it "compiles components and nothing else" do
      expect(engine.precompile_component("(component)")).to start_with("\x7FELF".b)
      expect { engine.precompile_component("(module)") }.to raise_error(Wasmtime::CompileError, /component/)
    end
  end

  describe "#precompile_compatibility_key" do
    it "is the same for engines that can share code, in every process" do
      key = engine.precompile_compatibility_key
      expect(key).to match(/\A\h{16}\z/).and be_frozen
      expect(described_class.new.precompile_compatibility_key).to eq(key)
      expect(run_ruby("print Wasmtime::Engine.new.precompile_compatibility_key").first).to eq(key)
    end

    it "differs where the code does" do
      keys = [{}, { consume_fuel: true }, { interruptible: false }, { cranelift_opt_level: :none }, { target: "pulley64" }].map do |options|
        described_class.new(options).precompile_compatibility_key
      end
      expect(keys.uniq.size).to eq(5)
    end
  end

  it "keeps its native half to itself" do
    expect(described_class.public_methods(false)).not_to include(:_new, :_options)
    expect(described_class.constants).not_to include(:Options)
  end

  it "leaves nothing behind" do
    out, err, = run_ruby(<<~RUBY)
      20.times { Wasmtime::Engine.new(consume_fuel: true); Wasmtime::Engine.new(max_wasm_stack: 0) rescue nil }
      Wasmtime::PoolingAllocationConfig.new
      3.times { GC.start }
      p Wasmtime._live_handles.values_at(:Config, :PoolingConfig, :Engine).sum < 6
    RUBY
    expect(out).to eq("true\n"), err
  end
end
