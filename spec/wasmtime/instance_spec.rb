# frozen_string_literal: true

RSpec.describe Wasmtime::Instance do
  let(:engine) { Wasmtime::Engine.default }
  let(:store) { Wasmtime::Store.new(engine) }
  let(:instance) { described_class.new(store, mod) }
  let(:mod) do
    compile(<<~WAT)
      (module
        (func (export "gcd") (param i32 i32) (result i32) local.get 0) (func (export "pair") (result i32 i64) i32.const 1 i64.const 2)
        (func (export "calculate") (result i32) i32.const 5)
        (memory (export "memory") 1) (table (export "table") 1 funcref) (global (export "global") i32 (i32.const 7)))
    WAT
  end
  let(:user) { compile('(module (import "env" "log" (func (param i32))) (import "env" "mem" (memory 1)) (import "b" "g" (global i32)))') }
  let(:log) { Wasmtime::Func.new(store, [:i32], []) {} }
  let(:mem) { Wasmtime::Memory.new(store, min_size: 1) }
  let(:global) { Wasmtime::Global.const(store, :i32, 1) }
  let(:starting) { compile('(module (import "env" "f" (func $f)) (start $f))') }

  def compile(wat, engine: self.engine)
    Wasmtime::Module.new(engine, wat)
  end

  def link_error(lines)
    raise_error(an_instance_of(Wasmtime::LinkError).and(have_attributes(message: "cannot link the module:\n#{lines.chomp.gsub(/^/, '  ')}")))
  end

  describe ".new with an Array" do
    it "takes the imports in the module's order" do
      expect(described_class.new(store, user, [log, mem, global])).to be_a(described_class)
    end

    it "takes what converts to an Array" do
      list = [log, mem, global]
      imports = Object.new
      imports.define_singleton_method(:to_ary) { list }
      expect(described_class.new(store, user, imports)).to be_a(described_class)
    end

    it "takes none, nil or [] for a module without imports" do
      expect([described_class.new(store, mod), described_class.new(store, mod, nil), described_class.new(store, mod, [])])
        .to all(be_a(described_class))
    end

    it "lists what is missing" do
      expect { described_class.new(store, user) }.to link_error(<<~TEXT)
        missing import "env" "log": expected (func (param i32))
        missing import "env" "mem": expected (memory 1)
        missing import "b" "g": expected (global i32)
      TEXT
      expect { described_class.new(store, user, [log, mem]) }.to link_error('missing import "b" "g": expected (global i32)')
    end

    it "lists what has another type, and nothing else" do
      expect { described_class.new(store, user, [mem, log, global]) }.to link_error(<<~TEXT)
        import "env" "log": expected (func (param i32)), given (memory 1)
        import "env" "mem": expected (memory 1), given (func (param i32))
      TEXT
      small = Wasmtime::Memory.new(store, min_size: 0)
      expect { described_class.new(store, user, [log, small, global]) }.to link_error('import "env" "mem": expected (memory 1), given (memory 0)')
      other = Wasmtime::Global.var(store, :i32, 1)
      expect { described_class.new(store, user, [log, mem, other]) }
        .to link_error('import "b" "g": expected (global i32), given (global (mut i32))')
    end

    it "refuses too many, and what is no item" do
      expect { described_class.new(store, user, [log, mem, global, global]) }
        .to raise_error(an_instance_of(Wasmtime::Error), "expected 3 imports, found 4")
      expect { described_class.new(store, user, [1, mem, global]) }.to raise_error(TypeError, "unexpected extern: 1")
      expect { described_class.new(store, user, [nil, mem, global]) }.to raise_error(TypeError, "unexpected extern: nil")
      expect { described_class.new(store, user, [-> {}, mem, global]) }.to raise_error(TypeError, /\Aunexpected extern: #<Proc/)
    end
  end

  describe ".new with a Hash" do
    it "takes names as Strings or Symbols, callables and items" do
      seen = []
      calling = compile('(module (import "env" "log" (func (param i32))) (import "env" "mem" (memory 1)) (func (export "r") i32.const 3 call 0))')
      described_class.new(store, calling, { "env" => { log: ->(n) { seen << n }, "mem" => mem } }).invoke("r")
      described_class.new(store, calling, env: { "log" => seen.method(:push), mem: mem }).invoke("r")
      described_class.new(store, calling, env: { log: Class.new { define_method(:call) { |n| seen << (n * 2) } }.new, mem: mem }).invoke("r")
      expect(seen).to eq([3, 3, 6])
    end

    it "takes a host object for a module: its own public methods answer the names" do
      host = Class.new do
        attr_reader :seen

        def log(number) = (@seen = number)
        def dash_ed = 4
      end.new
      calling = compile(<<~WAT)
        (module (import "h" "log" (func (param i32))) (import "h" "dash-ed" (func (result i32))) (func (export "r") call 1 call 0))
      WAT
      described_class.new(store, calling, h: host).invoke("r")
      expect(host.seen).to eq(4)
    end

    it "offers no private method of a host object, and none that every object has" do
      host = Class.new do
        def log = nil

        private

        def secret = nil
      end.new
      calling = compile('(module (import "h" "secret" (func)) (import "h" "puts" (func)) (import "h" "system" (func)) (import "h" "lag" (func)) ' \
                        '(import "h" "instance_eval" (func)) (import "h" "object_id" (func (result i32))) (import "h" "log" (func)))')
      expect { described_class.new(store, calling, h: host) }.to raise_error(Wasmtime::LinkError) { |e|
        expect(e.message.scan(/missing import "h" "(\w+)"/).flatten).to eq(%w[secret puts system lag instance_eval object_id])
        expect(e.message).to include('"lag": expected (func), did you mean "log"?')
      }
    end

    it "takes an instance for a module: its exports answer the names" do
      calling = compile('(module (import "a" "calculate" (func (result i32))) (export "r" (func 0)))')
      expect(described_class.new(store, calling, "a" => instance).invoke("r")).to eq(5)
    end

    it "lists what is missing, with names that come close" do
      expect { described_class.new(store, user, env: { lag: ->(_) {}, mem: mem }, b: {}) }.to link_error(<<~TEXT)
        missing import "env" "log": expected (func (param i32)), did you mean "lag"?
        missing import "b" "g": expected (global i32)
      TEXT
      expect { described_class.new(store, user, enw: { log: ->(_) {}, mem: mem }, b: { g: global }) }.to link_error(<<~TEXT)
        missing import "env" "log": expected (func (param i32)), did you mean the module "enw"?
        missing import "env" "mem": expected (memory 1), did you mean the module "enw"?
      TEXT
    end

    it "lists what is of another kind" do
      given = { env: { log: global, mem: 1 }, b: { g: Wasmtime::Global.const(store, :i64, 1) } }
      expect { described_class.new(store, user, given) }.to link_error(<<~TEXT)
        import "env" "log": expected (func (param i32)), given (global i32)
        import "env" "mem": expected (memory 1), given Integer (no function, memory, table, global or tag, and it has no `call`)
        import "b" "g": expected (global i32), given (global i64)
      TEXT
    end

    it "refuses what is no Hash" do
      expect { described_class.new(store, user, 3) }.to raise_error(TypeError, "imports: expected an Array or a Hash, got Integer")
      expect { described_class.new(store, user, "env") }.to raise_error(TypeError, "imports: expected an Array or a Hash, got String")
    end
  end

  describe ".new" do
    it "refuses items of another store" do
      other = Wasmtime::Memory.new(Wasmtime::Store.new(engine), min_size: 1)
      message = "the Wasmtime::Memory belongs to another store; objects can be used in the store that made them only"
      expect { described_class.new(store, user, [log, other, global]) }.to raise_error(an_instance_of(Wasmtime::StoreError), message)
      expect { described_class.new(store, user, env: { log: log, mem: other }, b: { g: global }) }
        .to raise_error(an_instance_of(Wasmtime::StoreError), message)
    end

    it "refuses a module of another engine" do
      foreign = Wasmtime::Store.new(Wasmtime::Engine.new)
      expect { described_class.new(foreign, mod) }
        .to raise_error(an_instance_of(Wasmtime::Error), "the module and the store belong to different engines")
      expect { described_class.new(foreign, starting, env: { f: -> {} }) }
        .to raise_error(an_instance_of(Wasmtime::Error), "the module and the store belong to different engines")
    end

    it "refuses what is no store and no module" do
      [[], {}].each do |imports|
        expect { described_class.new(nil, user, imports) }.to raise_error(TypeError, "no implicit conversion of NilClass into Wasmtime::Store")
        expect { described_class.new(store, "x", imports) }.to raise_error(TypeError, "no implicit conversion of String into Wasmtime::Module")
      end
    end

    it "runs the start function" do
      seen = []
      described_class.new(store, starting, env: { f: -> { seen << 1 } })
      expect(seen).to eq([1])
    end

    it "raises what the start function raises, as the same object" do
      [IOError.new("mine"), Wasmtime::Error.new("about an import"), Wasmtime::LinkError.new("x")].each do |error|
        expect { described_class.new(store, starting, env: { f: -> { raise error } }) }.to raise_error(error.class) { |e| expect(e).to equal(error) }
      end
      expect(catch(:done) { described_class.new(store, starting, env: { f: -> { throw :done, 1 } }) }).to eq(1)
    end

    it "raises the traps of the start function and of segments out of bounds" do
      { "(module (func $f unreachable) (start $f))" => :unreachable_code_reached,
        '(module (memory 1) (data (i32.const 65536) "a"))' => :memory_out_of_bounds,
        "(module (table 1 funcref) (elem (i32.const 1) $f) (func $f))" => :table_out_of_bounds }.each do |wat, code|
        expect { described_class.new(store, compile(wat)) }.to raise_error(an_instance_of(Wasmtime::Trap).and(have_attributes(code: code)))
      end
    end

    it "makes instances that cannot be copied" do
      expect { instance.dup }.to raise_error(TypeError)
      expect { described_class.allocate }.to raise_error(TypeError)
    end
  end

  describe "#exports, #export and #[]" do
    it "are a frozen Hash of the same objects each time" do
      exports = instance.exports
      expect(exports).to be_an_instance_of(Hash).and be_frozen
      expect(exports.keys).to eq(%w[gcd pair calculate memory table global])
      expect(exports.values.map(&:class))
        .to eq(([Wasmtime::Func] * 3) + [Wasmtime::Memory, Wasmtime::Table, Wasmtime::Global])
      expect(instance.exports).to equal(exports)
      exports.each do |name, item|
        expect(instance.export(name)).to equal(item)
        expect(instance[name.to_sym]).to equal(item)
      end
    end

    it "have tags and shared memories" do
      engine = Wasmtime::Engine.new(wasm_exceptions: true, wasm_threads: true, shared_memory: true)
      mod = compile('(module (tag (export "t")) (memory (export "m") 1 1 shared))', engine: engine)
      expect(described_class.new(Wasmtime::Store.new(engine), mod).exports.transform_values(&:class))
        .to eq("t" => Wasmtime::Tag, "m" => Wasmtime::SharedMemory)
    end

    it "are nil for what is not there" do
      expect([instance.export("nope"), instance[:nope], instance.export("")]).to eq([nil, nil, nil])
    end

    it "refuse what is no name" do
      expect { instance.export(nil) }.to raise_error(TypeError, "no implicit conversion of nil into String")
      expect { instance[1] }.to raise_error(TypeError, "no implicit conversion of Integer into String")
    end

    it "survive garbage collection" do
      id = instance.export("gcd").object_id
      3.times { GC.start }
      expect(instance.export("gcd").object_id).to eq(id)
    end
  end

  describe "#invoke" do
    it "calls a function by name" do
      expect(instance.invoke("gcd", 6, 27)).to eq(6)
      expect(instance.invoke(:gcd, 7, 1)).to eq(7)
      expect(instance.invoke("pair")).to eq([1, 2])
    end

    it "raises for what is missing or no function" do
      expect { instance.invoke("zzz") }.to raise_error(an_instance_of(Wasmtime::Error), 'function "zzz" not found')
      expect { instance.invoke(:calculat) }
        .to raise_error(an_instance_of(Wasmtime::Error), 'function "calculat" not found, did you mean "calculate"?')
      expect { instance.invoke("memory") }
        .to raise_error(an_instance_of(Wasmtime::Error), 'export "memory" is a Wasmtime::Memory, not a function')
    end

    it "raises for what is no name" do
      expect { instance.invoke }.to raise_error(ArgumentError, "wrong number of arguments (given 0, expected 1+)")
      expect { instance.invoke(nil) }.to raise_error(TypeError, "no implicit conversion of nil into String")
    end

    it "checks arguments as Func#call" do
      expect { instance.invoke("gcd", 1) }.to raise_error(ArgumentError, "wrong number of arguments (given 1, expected 2)")
      expect { instance.invoke("gcd", 1, 2**33) }.to raise_error(RangeError, /\Ainteger 8589934592 out of range for i32 .* \(param at index 1\)\z/)
      expect { instance.invoke("gcd", 1, 2, a: 1) }
        .to raise_error(ArgumentError, "unknown keyword: :a (to pass a Hash as a value, write it in braces)")
    end
  end

  describe "#functions" do
    it "is the same object each time" do
      expect(instance.functions).to equal(instance.functions)
      expect(instance.functions.gcd(4, 2)).to eq(4)
    end
  end

  describe "#store" do
    it "is the Store object itself" do
      expect(instance.store).to equal(store)
    end
  end

  describe "#with_bytes" do
    let(:allocating) do
      described_class.new(store, compile(<<~WAT))
        (module (memory (export "memory") 1) (memory $b (export "other") 1) (global $next (mut i32) (i32.const 16)) (global $freed (mut i32) (i32.const 0))
          (func $malloc (export "malloc") (param i32) (result i32) global.get $next (global.set $next (i32.add (global.get $next) (local.get 0))))
          (func (export "free") (param i32) (global.set $freed (i32.add (global.get $freed) (i32.const 1))))
          (func (export "dealloc") (param i32 i32) (global.set $freed (i32.add (global.get $freed) (local.get 1))))
          (func (export "nothing") (param i32) (result i32) i32.const 0)
          (func (export "freed") (result i32) global.get $freed) (func (export "next") (result i32) global.get $next))
      WAT
    end
    let(:memory) { allocating.export("memory") }

    it "copies a String into the guest for the time of a block" do
      result = allocating.with_bytes("hëllo") do |pointer, length|
        expect([length, memory.read_utf8(pointer, length), allocating.invoke("freed")]).to eq([6, "hëllo", 0])
        :result
      end
      expect(result).to eq(:result)
      expect(allocating.invoke("freed")).to eq(1)
    end

    it "frees on any exit" do
      expect { allocating.with_bytes("a") { raise IOError } }.to raise_error(IOError)
      catch(:done) { allocating.with_bytes("a") { throw :done } }
      allocating.with_bytes("a") { break }
      expect(allocating.invoke("freed")).to eq(3)
    end

    it "asks for a byte at least" do
      allocating.with_bytes("") { |pointer, length| expect([pointer, length]).to eq([16, 0]) }
      expect(allocating.invoke("next")).to eq(17)
    end

    it "takes other names, a free with the size, and none" do
      allocating.with_bytes("abc", allocate: :malloc, free: :dealloc, memory: "other") do |pointer, length|
        expect(allocating.export("other").read(pointer, length)).to eq("abc")
      end
      expect(allocating.invoke("freed")).to eq(3)
      allocating.with_bytes("abc", free: nil) {}
      expect(allocating.invoke("freed")).to eq(3)
    end

    it "raises for what is missing" do
      expect { allocating.with_bytes("a", allocate: "nope") {} }.to raise_error(Wasmtime::Error, 'function "nope" not found')
      expect { allocating.with_bytes("a", free: "nope") {} }.to raise_error(Wasmtime::Error, 'function "nope" not found')
      expect { allocating.with_bytes("a", memory: "nope") {} }.to raise_error(Wasmtime::Error, 'memory "nope" not found')
      expect { allocating.with_bytes("a", allocate: "nothing") {} }.to raise_error(Wasmtime::Error, "nothing(1) gave no memory")
      expect { allocating.with_bytes(nil) {} }.to raise_error(TypeError, "no implicit conversion of nil into String")
    end
  end

  describe "#inspect" do
    it "names the exports" do
      expect(instance.inspect).to eq("#<Wasmtime::Instance gcd pair calculate memory table global>")
    end
  end

  describe "with a closed store" do
    it "raises whether exports were asked for before or not" do
      [false, true].each do |asked|
        store = Wasmtime::Store.new(engine)
        instance = described_class.new(store, mod)
        instance.exports if asked
        store.close
        calls = [-> { instance.exports }, -> { instance.export("gcd") }, -> { instance["gcd"] }, -> { instance.invoke("pair") },
                 -> { instance.invoke("nope") }, -> { instance.functions.pair }, -> { instance.functions.respond_to?(:pair) },
                 -> { instance.with_bytes("x") {} }]
        calls.each { |call| expect(&call).to raise_error(an_instance_of(Wasmtime::StoreClosedError), "Wasmtime::Store is closed") }
        expect(instance.inspect).to eq("#<Wasmtime::Instance (store closed)>")
        expect(instance.functions.inspect).to eq("#<Wasmtime::Functions (store closed or busy)>")
        expect(instance.store).to equal(store)
      end
    end
  end
end
