# frozen_string_literal: true

RSpec.describe Wasmtime::Trap do
  let(:engine) { Wasmtime::Engine.default }
  let(:store) { Wasmtime::Store.new(engine) }
  let(:nested) do
    <<~WAT
      (module $m (func $inner unreachable) (func $mid nop call $inner) (func (export "run") call $mid) (func (export "ok") (result i32) i32.const 1))
    WAT
  end

  def instance(wat, imports = [], engine: self.engine, store: self.store)
    Wasmtime::Instance.new(store, Wasmtime::Module.new(engine, wat), imports)
  end

  def trap_of(wat, *args)
    instance(wat).invoke("run", *args)
    raise "nothing trapped"
  rescue described_class => e
    e
  end

  describe "::CODES" do
    it "are 50 different symbols, each with a constant" do
      expect(described_class::CODES.size).to eq(50)
      expect(described_class::CODES.uniq.size).to eq(50)
      expect(described_class::CODES).to all(be_a(Symbol))
      described_class::CODES.each { |code| expect(described_class.const_get(code.to_s.upcase)).to equal(code) }
      expect(described_class::UNKNOWN).to eq(:unknown)
    end

    it "are those of the C API, in the order of its numbers" do
      header = Dir[File.expand_path("~/.cargo/registry/src/*/wasmtime-c-api-impl-48.0.8/include/wasmtime/trap.h")].first
      skip "the header is not here" unless header
      names = File.read(header).scan(/^\s*WASMTIME_TRAP_CODE_(\w+)\s*[,=}]/).flatten.uniq.map { |name| name.downcase.to_sym }
      expect(described_class::CODES.first(names.size)).to eq(names) unless names.empty?
    end
  end

  traps = {
    stack_overflow: ["(func $f (export \"run\") call $f)", "call stack exhausted"],
    memory_out_of_bounds: ['(memory 1) (func (export "run") (drop (i32.load (i32.const -1))))', "out of bounds memory access"],
    table_out_of_bounds: ['(table 1 funcref) (func (export "run") i32.const 9 call_indirect)', "undefined element: out of bounds table access"],
    indirect_call_to_null: ['(table 1 funcref) (func (export "run") i32.const 0 call_indirect)', "uninitialized element"],
    bad_signature: ['(table 1 funcref) (func $f (param i32)) (elem (i32.const 0) $f) (func (export "run") i32.const 0 call_indirect)',
                    "indirect call type mismatch"],
    integer_overflow: ['(func (export "run") (drop (i32.div_s (i32.const 0x80000000) (i32.const -1))))', "integer overflow"],
    integer_division_by_zero: ['(func (export "run") (drop (i32.div_s (i32.const 1) (i32.const 0))))', "integer divide by zero"],
    bad_conversion_to_integer: ['(func (export "run") (drop (i32.trunc_f32_s (f32.const nan))))', "invalid conversion to integer"],
    unreachable_code_reached: ['(func (export "run") unreachable)', "wasm `unreachable` instruction executed"],
    null_reference: ['(type $t (func)) (func (export "run") ref.null $t call_ref $t)', "null reference"],
    array_out_of_bounds: ['(type $a (array i32)) (func (export "run") (drop (array.get $a (array.new_default $a (i32.const 1)) (i32.const 1))))',
                          "out of bounds array access"],
    cast_failure: ['(func (export "run") (drop (ref.cast (ref struct) (ref.i31 (i32.const 1)))))', "cast failure"],
    allocation_too_large: ['(type $a (array i64)) (func (export "run") (drop (array.new_default $a (i32.const -1))))', "allocation size too large"]
  }
  traps.each do |code, (body, text)|
    it "has the code #{code} and says so" do
      trap = trap_of("(module #{body})")
      expect(trap).to be_an_instance_of(described_class)
      expect([trap.code, trap.message]).to eq([code, "wasm trap: #{text}"])
    end
  end

  it "has subclasses for what a host wants to know" do
    fuel = Wasmtime::Engine.new(consume_fuel: true)
    guest = instance(nested, engine: fuel, store: Wasmtime::Store.new(fuel))
    expect { guest.invoke("ok") }.to raise_error(an_instance_of(Wasmtime::OutOfFuelError).and(have_attributes(code: :out_of_fuel)))
    expect([Wasmtime::OutOfFuelError, Wasmtime::TimeoutError, Wasmtime::MemoryLimitError].map(&:superclass)).to all(equal(described_class))
  end

  it "keeps the trap of a guest that was denied memory: the store tells about the limit" do
    store = Wasmtime::Store.new(engine, limits: { memory_size: 65_536 })
    guest = instance('(module (memory 1) (func (export "run") (if (i32.eq (memory.grow (i32.const 1)) (i32.const -1)) (then unreachable))))',
                     store: store)
    expect { guest.invoke("run") }.to raise_error(an_instance_of(described_class).and(have_attributes(code: :unreachable_code_reached)))
    expect(store).to be_linear_memory_limit_hit
  end

  describe "#frames" do
    let(:trap) { trap_of(nested) }

    it "are the wasm frames, innermost first, frozen" do
      expect(trap.frames.map(&:func_name)).to eq(["inner", "mid", nil])
      expect(trap.frames.map(&:func_index)).to eq([0, 1, 2])
      expect(trap.frames.map(&:module_name)).to eq(%w[m m m])
      expect(trap.frames.map(&:func_offset)).to match([0, be > 0, be > 0])
      expect(trap.frames.map(&:module_offset)).to match([be > 0] * 3)
      expect(trap.frames).to be_frozen
      expect(trap.frames).to all(be_frozen)
    end

    it "are written as lines of a backtrace" do
      offset = format("0x%x", trap.frames[0].module_offset)
      expect(trap.frames[0].to_s).to eq("m:#{offset}:in `inner'")
      expect(trap.frames[2].to_s).to match(/\Am:0x\h+:in `<wasm function 2>'\z/)
      expect(described_class::Frame.new(3, nil, nil, nil, nil).to_s).to eq("<wasm>:unknown:in `<wasm function 3>'")
    end

    it "have no offsets when the engine keeps no address map" do
      bare = Wasmtime::Engine.new(generate_address_map: false)
      guest = instance(nested, engine: bare, store: Wasmtime::Store.new(bare))
      expect { guest.invoke("run") }.to raise_error(described_class) { |e|
        expect(e.frames.first).to have_attributes(func_index: 0, func_offset: nil, module_offset: nil)
      }
    end

    it "take part in pattern matching" do
      case trap
      in { code: :unreachable_code_reached, frames: [{ func_name: "inner" }, *rest] } then expect(rest.size).to eq(2)
      end
    end
  end

  describe "#backtrace" do
    def calling_method(guest)
      guest.invoke("run")
    end

    it "has the wasm frames before the Ruby ones", :untyped do
      guest = instance(nested)
      expect { calling_method(guest) }.to raise_error(described_class) { |e|
        expect(e.backtrace.first(3)).to eq(e.frames.map(&:to_s))
        expect(e.backtrace[3]).to match(/trap_spec\.rb:\d+:in .*invoke/)
        expect(e.backtrace[4]).to match(/trap_spec\.rb:\d+:in .*calling_method/)
      }
    end

    it "leaves nothing of this gem between them" do
      expect(trap_of(nested).backtrace.grep(%r{lib/wasmtime})).to be_empty
    end
  end

  it "keeps the wasm backtrace as text, and out of the message" do
    trap = trap_of(nested)
    expect(trap.message).to eq("wasm trap: wasm `unreachable` instruction executed")
    expect(trap.wasm_backtrace_message).to match(/\Aerror while executing at wasm backtrace:\n\s+0:\s+0x\h+ - m!inner\n\s+1:\s+0x\h+ - m!mid\n/)
  end

  it "passes host blocks as the same object" do
    guest = instance(nested)
    inner = nil
    host = Wasmtime::Func.new(store, [], []) do
      guest.invoke("run")
    rescue described_class => e
      inner = e
      raise
    end
    outer = instance('(module (import "" "h" (func $h)) (func (export "run") call $h))', [host])
    expect { outer.invoke("run") }.to raise_error(described_class) { |e| expect(e).to equal(inner) }
  end

  it "leaves the store usable" do
    guest = instance(nested)
    3.times { expect { guest.invoke("run") }.to raise_error(described_class) }
    expect(guest.invoke("ok")).to eq(1)
  end

  describe ".new" do
    it "needs nothing" do
      expect(described_class.new).to have_attributes(message: "Wasmtime::Trap", code: :unknown, frames: [], wasm_backtrace_message: nil)
      expect(described_class.new("a", code: :interrupt)).to have_attributes(message: "a", code: :interrupt)
    end

    it "keeps its own frozen copy of the frames" do
      frames = [described_class::Frame.new(0)]
      trap = described_class.new("a", frames: frames)
      frames.clear
      expect(trap.frames.size).to eq(1)
      expect(trap.frames).to be_frozen
    end
  end

  it "takes part in pattern matching" do
    expect(trap_of(nested).deconstruct_keys(nil).keys).to eq(%i[code message frames])
    matched = case trap_of(nested)
              in { code: :out_of_fuel } then 1
              in { code: :unreachable_code_reached, message: /unreachable/ } then 2
              end
    expect(matched).to eq(2)
  end

  it "shows its code" do
    expect(described_class.new("a", code: :interrupt).inspect).to match(/\A#<Wasmtime::Trap:0x\h{16} @trap_code=:interrupt>\z/)
    expect(Wasmtime::OutOfFuelError.new.inspect).to start_with("#<Wasmtime::OutOfFuelError:0x")
  end
end
