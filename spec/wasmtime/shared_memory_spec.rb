# frozen_string_literal: true

RSpec.describe Wasmtime::SharedMemory do
  let(:engine) { Wasmtime::Engine.new(wasm_threads: true, shared_memory: true) }
  let(:store) { Wasmtime::Store.new(engine) }
  let(:owner) { instance('(module (memory (export "m") 1 3 shared) (func (export "grow") (result i32) i32.const 1 memory.grow))') }
  let(:memory) { owner.export("m") }
  let(:user) do
    <<~WAT
      (module (import "a" "m" (memory 1 3 shared)) (func (export "store") (param i32) i32.const 0 local.get 0 i32.store8)
        (func (export "load") (result i32) i32.const 0 i32.load8_u))
    WAT
  end

  def instance(wat, imports = [], store: self.store)
    Wasmtime::Instance.new(store, Wasmtime::Module.new(engine, wat), imports)
  end

  it "has a type and sizes" do
    expect(memory.type).to eq(Wasmtime::MemoryType.new(1, 3, shared: true))
    expect([memory.size, memory.data_size]).to eq([1, 65_536])
    owner.invoke("grow")
    expect([memory.size, memory.data_size]).to eq([2, 131_072])
    expect(memory.inspect).to eq("#<Wasmtime::SharedMemory (memory 1 3 shared)>")
  end

  it "is shared by stores of its engine" do
    first = instance(user, [memory])
    second = instance(user, { "a" => { m: memory } }, store: Wasmtime::Store.new(engine))
    first.invoke("store", 42)
    expect(second.invoke("load")).to eq(42)
  end

  it "belongs to its engine" do
    mod = Wasmtime::Module.new('(module (import "a" "m" (memory 1)))')
    expect { Wasmtime::Instance.new(Wasmtime::Store.new, mod, [memory]) }
      .to raise_error(Wasmtime::Error, "the shared memory belongs to another engine")
  end

  it "outlives the store it came from" do
    memory
    store.close
    expect([memory.size, memory.data_size, memory.type]).to eq([1, 65_536, Wasmtime::MemoryType.new(1, 3, shared: true)])
    other = instance(user, [memory], store: Wasmtime::Store.new(engine))
    other.invoke("store", 7)
    expect(other.invoke("load")).to eq(7)
  end

  it "has no copies, and none without its native half" do
    expect { described_class.allocate }.to raise_error(TypeError)
    expect { memory.dup }.to raise_error(TypeError)
  end

  describe ".new" do
    let(:made) { described_class.new(engine, min_size: 1, max_size: 4) }

    it "makes a memory that guests import" do
      expect(made.type).to eq(Wasmtime::MemoryType.new(1, 4, shared: true))
      guest = instance(user.sub("1 3", "1 4"), [made])
      guest.invoke("store", 9)
      expect(made.read(0, 1)).to eq("\x09".b)
    end

    it "makes memories with 64-bit addresses, and with pages of a byte where the engine has them" do
      expect(described_class.new(engine, min_size: 0, max_size: 2, memory64: true).type.memory64?).to be(true)
      bytes = Wasmtime::Engine.new(wasm_threads: true, shared_memory: true, wasm_custom_page_sizes: true)
      expect(described_class.new(bytes, min_size: 10, max_size: 20, page_size: 1).data_size).to eq(10)
    end

    it "refuses what no memory can be" do
      expect { described_class.new(engine, min_size: 2, max_size: 1) }.to raise_error(Wasmtime::Error, /minimum|limit/)
      expect { described_class.new(engine, min_size: -1, max_size: 1) }.to raise_error(RangeError, "min_size is negative: -1")
      expect { described_class.new(engine, min_size: 1, max_size: 1, page_size: 2) }
        .to raise_error(ArgumentError, "page_size: expected 65536 or 1, got 2")
      expect { described_class.new(Wasmtime::Engine.new, min_size: 1, max_size: 1) }.to raise_error(Wasmtime::Error)
      expect { described_class.new(:engine, min_size: 1, max_size: 1) }.to raise_error(TypeError)
    end

    it "grows up to its maximum" do
      expect([made.grow(2), made.size, made.bytesize]).to eq([1, 3, 3 * 65_536])
      expect { made.grow(2) }.to raise_error(Wasmtime::Error, "failed to grow memory by `2`")
    end
  end

  describe "bytes" do
    let(:made) { described_class.new(engine, min_size: 1, max_size: 1) }

    it "are read and written as copies" do
      made.write(100, "héllo")
      copy = made.read(100, 6)
      expect([copy, copy.encoding]).to eq(["héllo".b, Encoding::BINARY])
      made.write(100, "other!")
      expect(copy).to eq("héllo".b)
    end

    it "end where the memory ends" do
      expect(made.read(65_536, 0)).to eq("")
      [[65_536, 1], [65_535, 2], [2**63, 1], [0, (2**64) - 1]].each do |offset, length|
        expect { made.read(offset, length) }.to raise_error(Wasmtime::Error, "out of bounds memory access")
      end
      expect { made.write(65_535, "ab") }.to raise_error(Wasmtime::Error, "out of bounds memory access")
      expect { made.read(-1, 1) }.to raise_error(RangeError, "offset is negative: -1")
      expect { made.write(0, :symbol) }.to raise_error(TypeError)
    end
  end

  describe "atomic accesses" do
    let(:made) { described_class.new(engine, min_size: 1, max_size: 1) }

    [32, 64].each do |bits|
      it "change i#{bits} numbers in one step and give what was there" do
        operations = %i[add sub and or xor exchange]
        results = operations.map { |operation| made.public_send(:"atomic_#{operation}_i#{bits}", 8, 6) }
        expect(results).to eq([0, 6, 0, 0, 6, 0])
        expect(made.public_send(:"atomic_load_i#{bits}", 8)).to eq(6)
        expect(made.public_send(:"atomic_compare_exchange_i#{bits}", 8, 5, 1)).to eq(6)
        expect(made.public_send(:"atomic_compare_exchange_i#{bits}", 8, 6, (2**bits) - 1)).to eq(6)
        expect(made.public_send(:"atomic_load_i#{bits}", 8)).to eq(-1)
        expect(made.public_send(:"atomic_store_i#{bits}", 8, -2)).to be_nil
        expect(made.public_send(:"atomic_load_i#{bits}", 8)).to eq(-2)
      end

      it "refuse i#{bits} numbers that do not fit, and offsets that are unaligned or outside" do
        bytes = bits / 8
        expect { made.public_send(:"atomic_store_i#{bits}", 0, 2**bits) }.to raise_error(RangeError, /out of range for i#{bits}/)
        expect { made.public_send(:"atomic_load_i#{bits}", 2) }
          .to raise_error(Wasmtime::Error, "unaligned atomic access: offset 2 is no multiple of #{bytes}")
        expect { made.public_send(:"atomic_load_i#{bits}", 65_536) }.to raise_error(Wasmtime::Error, "out of bounds memory access")
        expect { made.public_send(:"atomic_add_i#{bits}", 2**64, 1) }.to raise_error(RangeError, /offset is too big/)
      end
    end

    it "lose no step of guests that run at the same time" do
      mod = Wasmtime::Module.new(engine, <<~WAT)
        (module (import "a" "m" (memory 1 1 shared))
          (func (export "count") (param i32)
            (loop $again (drop (i32.atomic.rmw.add (i32.const 0) (i32.const 1)))
              (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))
      WAT
      threads = Array.new(3) do
        Thread.new { Wasmtime::Instance.new(Wasmtime::Store.new(engine, gvl: :release), mod, [made]).invoke("count", 50_000) }
      end
      1000.times { made.atomic_add_i32(0, 1) }
      threads.each(&:join)
      expect(made.atomic_load_i32(0)).to eq(151_000)
    end
  end

  describe "waiting" do
    let(:made) { described_class.new(engine, min_size: 1, max_size: 1) }

    def notify_until_woken(memory, offset)
      Thread.pass until memory.atomic_notify(offset).positive?
    end

    it "ends with a notification from Ruby" do
      waiting = Thread.new { [made.atomic_wait_i32(0, 0), made.atomic_wait_i64(8, 0)] }
      notify_until_woken(made, 0)
      notify_until_woken(made, 8)
      expect(waiting.value).to eq(%i[ok ok])
    end

    it "ends at once where another number is, and after the timeout" do
      expect(made.atomic_wait_i32(0, 1)).to eq(:not_equal)
      expect(made.atomic_wait_i64(0, 1)).to eq(:not_equal)
      expect(made.atomic_wait_i32(0, 0, timeout: 0.03)).to eq(:timed_out)
      expect(made.atomic_wait_i32(0, 0, timeout: 0)).to eq(:timed_out)
    end

    it "joins Ruby and guests, either way" do
      mod = Wasmtime::Module.new(engine, <<~WAT)
        (module (import "a" "m" (memory 1 1 shared))
          (func (export "wait") (result i32) (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1)))
          (func (export "notify") (result i32) (memory.atomic.notify (i32.const 8) (i32.const 1))))
      WAT
      guest = -> { Wasmtime::Instance.new(Wasmtime::Store.new(engine), mod, [made]) }
      in_guest = Thread.new { guest.call.invoke("wait") }
      notify_until_woken(made, 0)
      expect(in_guest.value).to eq(0)
      in_ruby = Thread.new { made.atomic_wait_i32(8, 0) }
      waker = guest.call
      Thread.pass until waker.invoke("notify") == 1
      expect(in_ruby.value).to eq(:ok)
    end

    it "is interrupted like a sleep" do
      waiting = Thread.new { made.atomic_wait_i32(0, 0) }
      waiting.report_on_exception = false
      Thread.pass until waiting.status == "sleep"
      waiting.raise(IOError, "enough")
      expect { waiting.value }.to raise_error(IOError, "enough")
      killed = Thread.new { made.atomic_wait_i64(0, 0) }
      Thread.pass until killed.status == "sleep"
      expect(killed.kill.join.value).to be_nil
    end

    it "refuses what cannot be waited for" do
      expect { made.atomic_wait_i32(2, 0) }.to raise_error(Wasmtime::Error, /unaligned/)
      expect { made.atomic_wait_i32(65_536, 0) }.to raise_error(Wasmtime::Error, /out of bounds/)
      expect { made.atomic_wait_i32(0, 0, timeout: -1) }.to raise_error(ArgumentError, "timeout: expected seconds from 0 on, got -1")
      expect { made.atomic_notify(1) }.to raise_error(Wasmtime::Error, /unaligned/)
    end
  end
end
