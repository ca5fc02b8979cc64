# frozen_string_literal: true

RSpec.describe "Wasmtime::Plugin#call_bytes" do
  let(:guest_error) { Wasmtime::Plugin::GuestError }

  # A module with memory and whatever is said.
  def plugin(text, **options)
    load_text("(module (memory (export \"memory\") 1) #{text})", **options)
  end

  packed = "(i64.or (i64.shl (i64.extend_i32_u (local.get 0)) (i64.const 32)) (i64.extend_i32_u (local.get 1)))"
  echo = "(func (export \"f\") (param i32 i32) (result i64) #{packed})"

  describe "of a module" do
    it "takes a result that is packed into a number, or two numbers" do
      plugin = load_plugin(:module)
      expect(%i[echo pair].map { |name| plugin.call_bytes(name, "\0\xffx".b) }).to all(eq("\0\xffx".b))
    end

    it "gives a copy" do
      plugin = load_plugin(:module, reuse: 1)
      first = plugin.call_bytes(:echo, "first")
      plugin.call_bytes(:echo, "other")
      expect([first, first.frozen?]).to eq(["first", false])
    end

    it "takes Strings of every encoding as their bytes" do
      text = "ü".encode(Encoding::UTF_16LE)
      expect(load_plugin(:module).call_bytes(:echo, text)).to eq(text.b)
    end

    it "gives back what it allocated where instances are reused, the result too unless it is the argument" do
      plugin = load_plugin(:module, reuse: 1)
      plugin.call_bytes(:echo, "1234")
      expect(plugin.call(:freed)).to eq(4)
      plugin.call_bytes(:say, "12345")
      expect(plugin.call(:freed)).to eq(4 + 10)
      plugin.call_bytes(:say, "")
      expect(plugin.call(:freed)).to eq(4 + 10 + 1)
    end

    it "gives back nothing where it is told so" do
      plugin = load_plugin(:module, reuse: 1, free: false)
      plugin.call_bytes(:echo, "1234")
      expect(plugin.call(:freed)).to eq(0)
    end

    %w[allocate alloc malloc __alloc wasm_alloc].each do |name|
      it "finds #{name}" do
        expect(plugin("(func (export \"#{name}\") (param i32) (result i32) i32.const 64) #{echo}").call_bytes(:f, "abc")).to eq("abc")
      end
    end

    it "calls allocators that want an alignment, and realloc" do
      two = '(func (export "__wbindgen_malloc") (param i32 i32) (result i32) (i32.mul (local.get 1) (i32.const 64)))'
      four = '(func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.add (i32.const 64) (local.get 3)))'
      free = '(global $n (mut i32) (i32.const 0)) (func (export "n") (result i32) (global.get $n))
        (func (export "__wbindgen_free") (param i32 i32 i32) (global.set $n (i32.add (global.get $n) (local.get 1))))'
      expect([two, four].map { |allocate| plugin("#{allocate} #{echo}").call_bytes(:f, "abc") }).to eq(%w[abc abc])
      plugin = plugin("#{two} #{free} #{echo}", reuse: 1)
      plugin.call_bytes(:f, "abc")
      expect(plugin.call(:n)).to eq(3)
    end

    it "takes the names of functions from the host, then from the manifest" do
      text = "(func (export \"get\") (param i32) (result i32) i32.const 64) (func (export \"get2\") (param i32) (result i32) i32.const 128) #{echo}
        (func (export \"where\") (param i32 i32) (result i32 i32) (i32.store (i32.const 0) (local.get 0)) i32.const 0 i32.const 1)"
      manifest = { call: { allocate: "get2" } }
      options = [{ allocate: :get }, { manifest: manifest }, { manifest: manifest, allocate: "get" }]
      expect(options.map { |given| plugin(text, **given).call_bytes(:where, "") }).to eq(["\x40", "\x80".b, "\x40"])
      expect { plugin(text, allocate: :none) }
        .to raise_error(Wasmtime::Plugin::Error, 'allocate: the plugin exports no function "none" (it has get, get2, f, where)')
      expect { plugin(text, free: "none") }.to raise_error(Wasmtime::Plugin::Error, /\Afree: the plugin exports no function "none"/)
    end

    it "works with a memory of 64 bits" do
      wat = <<~WAT
        (module (memory (export "memory") i64 1)
          (func (export "malloc") (param i64) (result i64) i64.const 64)
          (func (export "f") (param i64 i64) (result i64 i64) (local.get 0) (local.get 1))
          (func (export "far") (param i64 i64) (result i64 i64) (i64.const -1) (i64.const 1)))
      WAT
      plugin = load_text(wat)
      expect(plugin.call_bytes(:f, "abc")).to eq("abc")
      expect(raised { plugin.call_bytes(:far, "") }).to be_a(guest_error).and(have_attributes(message: /gave 1 bytes at 18446744073709551615/))
    end

    it "works with the one memory there is, whatever its name" do
      allocate = '(func (export "malloc") (param i32) (result i32) i32.const 64)'
      expect(load_text("(module (memory (export \"mem\") 1) #{allocate} #{echo})").call_bytes(:f, "abc")).to eq("abc")
      expect { load_text("(module (memory 1) #{allocate} #{echo})").call_bytes(:f, "abc") }
        .to raise_error(Wasmtime::Plugin::Error, "call_bytes needs the guest's memory: the plugin exports none that is named memory")
    end

    it "refuses places that the guest does not have, before anything is made of them" do
      plugin = load_plugin(:module)
      { far: "far gave 7 bytes at 65530, but the guest's memory has 65536",
        huge: "huge gave 4294967295 bytes at 4294967295, but the guest's memory has 65536" }.each do |name, message|
        error = raised { plugin.call_bytes(name, "x") }
        expect(error).to be_an_instance_of(guest_error)
          .and(have_attributes(message: "plugin module: #{name}: #{message}", cause: nil, usage: be_a(Wasmtime::Usage)))
      end
    end

    it "refuses memory that the guest does not have" do
      allocate = ->(pointer) { plugin("(func (export \"allocate\") (param i32) (result i32) i32.const #{pointer}) #{echo}") }
      expect { allocate[0].call_bytes(:f, "abc") }.to raise_error(guest_error, "plugin plugin: f: allocate(3) gave no memory")
      expect { allocate[65_534].call_bytes(:f, "abc") }
        .to raise_error(guest_error, "plugin plugin: f: allocate(3) gave 3 bytes at 65534, but the guest's memory has 65536")
      expect { allocate[-1].call_bytes(:f, "") }.to raise_error(guest_error, /gave 1 bytes at 4294967295/)
      expect(allocate[65_533].call_bytes(:f, "abc")).to eq("abc")
    end

    it "is the guest's fault when its allocator fails" do
      error = raised { plugin("(func (export \"allocate\") (param i32) (result i32) unreachable) #{echo}").call_bytes(:f, "abc") }
      expect(error).to be_a(guest_error).and(have_attributes(cause: an_instance_of(Wasmtime::Trap)))
    end

    it "teaches about functions that it cannot call" do
      allocate = '(func (export "allocate") (param i32) (result i32) i32.const 64)'
      expect { plugin(echo).call_bytes(:f, "") }
        .to raise_error(Wasmtime::Plugin::Error, /\Acall_bytes needs a function of the guest that allocates: .*name it with allocate:/)
      { '(func (export "g") (param i32) (result i64) i64.const 0)' => "g, which is (func (param i32) (result i64))",
        '(func (export "g") (param i32 i32) (result i32) i32.const 0)' => "g, which is (func (param i32 i32) (result i32))",
        '(func (export "g") (param i32 f32) (result i64) i64.const 0)' => "g, which is (func (param i32 f32) (result i64))",
        '(func (export "g") (param i32 i32))' => "g, which is (func (param i32 i32))" }.each do |text, what|
        expected = "(pointer, length) -> i64 with both packed into it, or (pointer, length) -> (pointer, length)"
        expect { plugin("#{allocate} #{text}").call_bytes(:g, "") }
          .to raise_error(Wasmtime::Plugin::Error, "call_bytes does not know how to call #{what}: expected #{expected}")
      end
      expect { plugin("(func (export \"allocate\") (param f32) (result i32) i32.const 64) #{echo}").call_bytes(:f, "") }
        .to raise_error(Wasmtime::Plugin::Error, /how to call allocate, which is .*: expected \(size\) -> pointer\z/)
      expect { plugin("#{allocate} (func (export \"free\") (param externref)) #{echo}").call_bytes(:f, "") }
        .to raise_error(Wasmtime::Plugin::Error, /how to call free, which is .*: expected \(pointer\) or \(pointer, size\)\z/)
    end

    it "calls a third-party reactor in Go" do
      fixture = File.expand_path("../../../fixtures/pii_shield.wasm", __dir__)
      skip "fixtures/pii_shield.wasm is missing: run `rake fixtures`" unless File.file?(fixture)

      [{}, { reuse: 1 }].each do |options|
        plugin = Wasmtime::Plugin.load(fixture, **options)
        texts = Array.new(2) { plugin.call_bytes(:redact, "Connecting to DB with password: MySuperSecretPassword123!") }
        expect(texts).to all(match(/\AConnecting to DB with password: \[HIDDEN:\h+\]\z/))
        expect(plugin.call_bytes(:redact, "hello world")).to eq("hello world")
      end
    end
  end

  describe "of a component" do
    let(:plugin) { load_plugin(:component) }

    it "takes and gives texts and lists of bytes, in binary" do
      expect(plugin.call_bytes(:echo, "ü")).to eq("ü".b).and(have_attributes(encoding: Encoding::BINARY))
      expect(plugin.call_bytes(:echo, "ü".b)).to eq("ü".b)
      expect(plugin.call_bytes(:echo_bytes, "\0\xff".b)).to eq("\0\xff".b)
      expect(plugin.call_bytes("echo-bytes", "")).to eq("")
    end

    it "takes a result, whose error is the guest's" do
      expect(plugin.call_bytes(:try, "abc")).to eq("abc")
      error = raised { plugin.call_bytes(:try, "") }
      expect(error).to be_a(guest_error).and(have_attributes(message: 'plugin component: try: it gave an error: ""'))
      expect(error.cause).to be_a(Wasmtime::Component::ResultError).and(have_attributes(value: ""))
    end

    it "refuses texts that are no UTF-8" do
      expect { plugin.call_bytes(:echo, "\xff") }.to raise_error(EncodingError, /no valid UTF-8/)
    end

    it "teaches about functions of other types" do
      message = "call_bytes needs a function of a string or list<u8> that gives one, or a result of it: add is func(a: s32, b: s32) -> s32"
      expect { plugin.call_bytes(:add, "") }.to raise_error(Wasmtime::Plugin::Error, message)
    end

    it "finds functions of interfaces" do
      ["sum_up", "sum-up", :sum_up, "test:guest/math@1.0.0#sum-up", %w[test:guest/math@1.0.0 sum-up], ["test:guest/math", :sum_up]].each do |name|
        expect(plugin.call(name, 1, 2)).to eq(3), name.inspect
      end
      expect(plugin.call(:add, b: 1, a: 2)).to eq(3)
      expect(plugin.exports).to include("add", "echo-bytes", "test:guest/math@1.0.0#sum-up")
      [["test:guest/none", "sum-up"], ["test:guest/math", "none"], %w[add add], ["test:guest/math@1.0.0"]].each do |name|
        expect { plugin.call(name, 1, 2) }.to raise_error(Wasmtime::Plugin::NotFound), name.inspect
      end
    end
  end
end
