# frozen_string_literal: true

RSpec.describe Wasmtime::Linker do
  let(:engine) { Wasmtime::Engine.default }
  let(:store) { Wasmtime::Store.new(engine) }
  let(:linker) { described_class.new(engine) }
  let(:memory) { Wasmtime::Memory.new(store, min_size: 1) }
  let(:log) { Wasmtime::Func.new(store, [:i32], []) {} }
  let(:mod) do
    compile('(module (import "env" "log" (func (param i32))) (import "env" "memory" (memory 1)) (func (export "run") i32.const 3 call 0))')
  end
  let(:starting) { compile('(module (import "env" "f" (func $f)) (start $f))') }
  let(:wrong_store) { "the linker holds items of another store; use one Linker per Store, or define host functions only" }

  def compile(wat, engine: self.engine)
    Wasmtime::Module.new(engine, wat)
  end

  def error_with(message, kind = Wasmtime::Error)
    raise_error(an_instance_of(kind).and(have_attributes(message: message)))
  end

  describe ".new" do
    it "uses the default engine when none is given" do
      expect(described_class.new.instantiate(store, compile("(module)"))).to be_a(Wasmtime::Instance)
    end

    it "refuses what is no engine" do
      expect { described_class.new(nil) }.to raise_error(TypeError, "no implicit conversion of NilClass into Wasmtime::Engine")
    end
  end

  describe "#define" do
    it "resolves imports by module and name, Strings or Symbols" do
      expect(linker.define(store, "env", "log", log)).to be_nil
      linker.define(store, :env, :memory, memory)
      expect(linker.instantiate(store, mod).invoke("run")).to be_nil
    end

    it "takes every kind of item" do
      engine = Wasmtime::Engine.new(wasm_exceptions: true, wasm_threads: true, shared_memory: true)
      store = Wasmtime::Store.new(engine)
      given = Wasmtime::Instance.new(store, compile('(module (tag (export "tag")) (memory (export "shared") 1 1 shared))', engine: engine))
      linker = described_class.new(engine)
      linker.define(store, "a", "tag", given.export("tag"))
      linker.define(store, "a", "shared", given.export("shared"))
      linker.define(store, "a", "global", Wasmtime::Global.const(store, :i32, 1))
      linker.define(store, "a", "table", Wasmtime::Table.new(store, :funcref, nil, min_size: 1))
      expect(%w[tag shared global table].map { |name| linker.get(store, "a", name).class })
        .to eq([Wasmtime::Tag, Wasmtime::SharedMemory, Wasmtime::Global, Wasmtime::Table])
    end

    it "refuses a name that is taken" do
      linker.define(store, "env", "log", log)
      expect { linker.define(store, "env", "log", log) }.to error_with("import of `env::log` defined twice")
    end

    it "refuses what is no item, no name and no store" do
      expect { linker.define(store, "a", "b", 1) }.to raise_error(TypeError, "unexpected extern: 1")
      expect { linker.define(store, "a", "b", nil) }.to raise_error(TypeError, "unexpected extern: nil")
      expect { linker.define(store, "a", 1, memory) }.to raise_error(TypeError, "no implicit conversion of Integer into String")
      expect { linker.define(nil, "a", "b", memory) }.to raise_error(TypeError, "no implicit conversion of NilClass into Wasmtime::Store")
    end

    it "refuses items of another store, and a second store" do
      other = Wasmtime::Store.new(engine)
      expect { linker.define(other, "a", "b", memory) }.to error_with(
        "the Wasmtime::Memory belongs to another store; objects can be used in the store that made them only", Wasmtime::StoreError
      )
      linker.define(store, "a", "b", memory)
      expect { linker.define(other, "a", "c", Wasmtime::Memory.new(other, min_size: 1)) }.to error_with(wrong_store, Wasmtime::StoreError)
    end

    it "keeps the store alive" do
      linker = described_class.new(engine)
      Wasmtime::Store.new(engine).then { |kept| linker.define(kept, "a", "m", Wasmtime::Memory.new(kept, min_size: 1)) }
      GC.start
      expect { linker.get(store, "a", "m") }.to error_with(wrong_store, Wasmtime::StoreError)
    end
  end

  describe "#allow_shadowing=" do
    it "lets later definitions replace earlier ones" do
      expect(linker.allow_shadowing = true).to be(true)
      linker.func_new("a", "f", [], [:i32]) { 1 }
      linker.func_new("a", "f", [], [:i32]) { 2 }
      expect(linker.get(store, "a", "f").call).to eq(2)
      linker.allow_shadowing = false
      expect { linker.func_new("a", "f", [], []) {} }.to error_with("import of `a::f` defined twice")
    end
  end

  describe "#func_new" do
    it "defines a host function for any store" do
      seen = []
      expect(linker.func_new("env", "log", [:i32], []) { |caller, n| seen << [caller.store_data, n] }).to be_nil
      user = compile('(module (import "env" "log" (func (param i32))) (func (export "run") i32.const 3 call 0))')
      3.times { |i| Wasmtime::Store.open(engine, i) { |store| linker.instantiate(store, user).invoke("run") } }
      expect(seen).to eq([[0, 3], [1, 3], [2, 3]])
    end

    it "needs a block, types and names" do
      expect { linker.func_new("a", "b", [], []) }.to raise_error(ArgumentError, "no block given")
      expect { linker.func_new("a", "b", [:x], []) {} }.to raise_error(ArgumentError, /\Ainvalid WebAssembly type, .* got :x\z/)
      expect { linker.func_new("a", "b", nil, []) {} }.to raise_error(TypeError, "no implicit conversion of nil into Array")
      expect { linker.func_new(nil, "b", [], []) {} }.to raise_error(TypeError, "no implicit conversion of nil into String")
    end

    it "keeps its block alive, also when the linker is gone" do
      instance = described_class.new(engine).then do |linker|
        linker.func_new("env", "log", [:i32], []) { |_, n| raise "got #{n}" }
        linker.define_all("env" => { memory: memory })
        linker.instantiate(store, mod)
      end
      3.times { GC.start }
      expect { instance.invoke("run") }.to raise_error(RuntimeError, "got 3")
    end
  end

  describe "#define_all" do
    it "gives callables the type the module asks for" do
      seen = []
      expect(linker.define_all(env: { log: ->(n) { seen << n }, memory: memory })).to equal(linker)
      linker.instantiate(store, mod).invoke("run")
      expect(seen).to eq([3])
    end

    it "gives one callable a type for each module" do
      linker.define_all("e" => { f: ->(*args) { args.size } })
      one = compile('(module (import "e" "f" (func (param i32) (result i32))) (func (export "r") (result i32) i32.const 1 call 0))')
      none = compile('(module (import "e" "f" (func (result i32))) (func (export "r") (result i32) call 0))')
      expect([one, none, one].map { |mod| linker.instantiate(store, mod).invoke("r") }).to eq([1, 0, 1])
    end

    it "takes host objects and instances in place of names" do
      host = Class.new { def log(n) = (@n = n) }.new
      provider = Wasmtime::Instance.new(store, compile('(module (memory (export "memory") 2))'))
      user = compile('(module (import "env" "log" (func (param i32))) (import "p" "memory" (memory 1)) (func (export "run") i32.const 3 call 0))')
      linker.define_all(env: host, p: provider).instantiate(store, user).invoke("run")
      expect(host.instance_variable_get(:@n)).to eq(3)
    end

    it "refuses a name that is taken, items and callables alike" do
      linker.define_all(env: { memory: memory, log: ->(_) {} })
      expect { linker.define_all(env: { memory: memory }) }.to error_with("import of `env::memory` defined twice")
      expect { linker.define_all(env: { log: ->(_) {} }) }.to error_with("import of `env::log` defined twice")
    end

    it "replaces callables when shadowing is allowed, also after they were used" do
      seen = []
      linker.allow_shadowing = true
      linker.define_all(env: { memory: memory, log: ->(_) { seen << 1 } })
      linker.instantiate(store, mod).invoke("run")
      linker.define_all(env: { log: ->(_) { seen << 2 } })
      linker.instantiate(store, mod).invoke("run")
      expect(seen).to eq([1, 2])
    end

    it "says what it cannot use" do
      expect { linker.define_all(3) }.to raise_error(TypeError, "imports: expected an Array or a Hash, got Integer")
      linker.define_all(env: { log: 3, memory: memory })
      expect { linker.instantiate(store, mod) }.to error_with(<<~TEXT.chomp, Wasmtime::LinkError)
        cannot link the module:
          import "env" "log": expected (func (param i32)), given Integer (no function, memory, table, global or tag, and it has no `call`)
      TEXT
    end

    it "takes shared memories" do
      engine = Wasmtime::Engine.new(wasm_threads: true, shared_memory: true)
      store = Wasmtime::Store.new(engine)
      shared = Wasmtime::Instance.new(store, compile('(module (memory (export "m") 1 1 shared))', engine: engine)).export("m")
      linker = described_class.new(engine).define_all(env: { m: shared })
      user = compile('(module (import "env" "m" (memory 1 1 shared)))', engine: engine)
      expect(linker.instantiate(store, user)).to be_a(Wasmtime::Instance)
    end
  end

  describe "#get" do
    it "gives what was defined" do
      linker.define(store, "a", "m", memory)
      memory.write(0, "hello")
      expect(linker.get(store, :a, :m).read(0, 5)).to eq("hello")
      linker.func_new("a", "f", [], [:i32]) { 7 }
      expect(linker.get(store, "a", "f").call).to eq(7)
    end

    it "raises for what is missing" do
      expect { linker.get(store, "a", "m") }.to error_with("missing definition for `a::m`")
    end

    it "refuses another store and another engine" do
      linker.define(store, "a", "m", memory)
      expect { linker.get(Wasmtime::Store.new(engine), "a", "m") }.to error_with(wrong_store, Wasmtime::StoreError)
      foreign = Wasmtime::Store.new(Wasmtime::Engine.new)
      expect { linker.get(foreign, "a", "m") }.to error_with("the linker and the store belong to different engines")
    end
  end

  describe "#instance" do
    let(:given) { Wasmtime::Instance.new(store, compile('(module (func (export "f") (result i32) i32.const 4) (memory (export "m") 1))')) }

    it "defines every export" do
      expect(linker.instance(store, "i", given)).to be_nil
      expect(linker.get(store, "i", "f").call).to eq(4)
      expect(linker.get(store, "i", "m").size).to eq(1)
    end

    it "refuses names that are taken, and another store" do
      linker.instance(store, "i", given)
      expect { linker.instance(store, "i", given) }.to error_with("import of `i::f` defined twice")
      expect { linker.instance(Wasmtime::Store.new(engine), "i", given) }.to raise_error(Wasmtime::StoreError, /belongs to another store/)
      expect { linker.instance(store, "i", nil) }.to raise_error(TypeError, "no implicit conversion of NilClass into Wasmtime::Instance")
    end
  end

  describe "#module and #get_default" do
    let(:command) do
      compile('(module (import "" "tick" (func $tick)) (memory (export "memory") 1) (func (export "_start") call $tick))')
    end
    let(:reactor) do
      compile('(module (global $g (mut i32) (i32.const 0)) (func (export "_initialize") (global.set $g (i32.const 5))) ' \
              '(func (export "n") (result i32) global.get $g))')
    end

    it "run a command for each call" do
      count = 0
      linker.func_new("", "tick", [], []) { count += 1 }
      expect(linker.module(store, "cmd", command)).to be_nil
      2.times { linker.get_default(store, "cmd").call }
      expect(count).to eq(2)
    end

    it "run a reactor once, now" do
      linker.module(store, "reactor", reactor)
      expect(linker.get(store, "reactor", "n").call).to eq(5)
    end

    it "give a function that does nothing where there is no default" do
      expect(linker.get_default(store, "nope").call).to be_nil
    end

    it "refuse exports a command cannot have, unless they are allowed" do
      odd = compile('(module (func (export "_start")) (global (export "odd") i32 (i32.const 1)))')
      expect { linker.module(store, "c", odd) }.to error_with("command export 'odd' is not a function")
      linker = described_class.new(engine)
      expect(linker.allow_unknown_exports = true).to be(true)
      expect(linker.module(store, "c", odd)).to be_nil
    end

    it "say what is missing" do
      expect { linker.module(store, "c", command) }.to error_with("unknown import: `::tick` has not been defined")
    end

    it "raise what a host block raises, as the same object" do
      error = IOError.new("mine")
      linker.func_new("env", "f", [], []) { raise error }
      initializing = compile('(module (import "env" "f" (func $f)) (func (export "_initialize") call $f))')
      expect { linker.module(store, "c", initializing) }.to raise_error(IOError) { |e| expect(e).to equal(error) }
    end
  end

  describe "#alias and #alias_module" do
    before { linker.define(store, "a", "m", memory) }

    it "give second names" do
      expect(linker.alias("a", "m", "b", :n)).to be_nil
      expect(linker.get(store, "b", "n")).to be_a(Wasmtime::Memory)
      expect(linker.alias_module("a", :c)).to be_nil
      expect(linker.get(store, "c", "m")).to be_a(Wasmtime::Memory)
    end

    it "refuse names that are taken or missing" do
      linker.define(store, "b", "m", memory)
      expect { linker.alias("a", "m", "b", "m") }.to error_with("import of `b::m` defined twice")
      expect { linker.alias("a", "nope", "b", "x") }.to error_with("no item named `a::nope` defined")
      expect { linker.alias_module("a", "b") }.to error_with("import of `b::m` defined twice")
    end
  end

  describe "#define_unknown_imports_as_traps" do
    it "leaves alone what define_all was given, for which a type is still to come" do
      seen = []
      mod = Wasmtime::Module.new('(module (import "a" "b" (func)) (import "env" "log" (func (param i32))) (func (export "run") i32.const 3 call 1))')
      linker.define_all("env" => { log: ->(n) { seen << n } })
      linker.define_unknown_imports_as_traps(mod)
      linker.instantiate(store, mod).invoke("run")
      expect(seen).to eq([3])
    end

    it "defines functions that raise when they are called" do
      user = compile('(module (import "a" "f" (func (result i32))) (export "run" (func 0)))')
      expect(linker.define_unknown_imports_as_traps(user)).to be_nil
      expect { linker.instantiate(store, user).invoke("run") }.to error_with("unknown import: `a::f` has not been defined")
    end

    it "leaves what is defined" do
      linker.func_new("a", "f", [], [:i32]) { 1 }
      user = compile('(module (import "a" "f" (func (result i32))) (export "run" (func 0)))')
      linker.define_unknown_imports_as_traps(user)
      expect(linker.instantiate(store, user).invoke("run")).to eq(1)
    end

    it "leaves imports that are no functions missing" do
      linker.define_unknown_imports_as_traps(mod)
      expect { linker.instantiate(store, mod) }
        .to error_with("cannot link the module:\n  missing import \"env\" \"memory\": expected (memory 1)", Wasmtime::LinkError)
    end

    it "refuses a module of another engine" do
      foreign = compile("(module)", engine: Wasmtime::Engine.new)
      expect { linker.define_unknown_imports_as_traps(foreign) }.to error_with("the module and the linker belong to different engines")
    end
  end

  describe "#define_unknown_imports_as_default_values" do
    it "defines zeros and empty things" do
      user = compile(<<~WAT)
        (module (import "a" "f" (func (result i32 f64 externref))) (import "a" "g" (global (mut i64))) (import "a" "m" (memory 2))
          (import "a" "t" (table 3 funcref))
          (export "f" (func 0)) (export "g" (global 0)) (export "m" (memory 0)) (export "t" (table 0)))
      WAT
      expect(linker.define_unknown_imports_as_default_values(store, user)).to be_nil
      instance = linker.instantiate(store, user)
      expect([instance.invoke("f"), instance.export("g").get, instance.export("m").size, instance.export("t").to_a])
        .to eq([[0, 0.0, nil], 0, 2, [nil, nil, nil]])
    end

    it "raises for a type without a default" do
      user = compile('(module (import "a" "g" (global (ref func))))')
      expect { linker.define_unknown_imports_as_default_values(store, user) }
        .to raise_error(an_instance_of(Wasmtime::Error), /\Ano default value exists for `a::g`/)
    end
  end

  describe "#instantiate" do
    it "lists every import that is missing" do
      expect { linker.instantiate(store, mod) }.to error_with(<<~TEXT.chomp, Wasmtime::LinkError)
        cannot link the module:
          missing import "env" "log": expected (func (param i32))
          missing import "env" "memory": expected (memory 1)
      TEXT
    end

    it "lists every import of another type" do
      linker.define(store, "env", "log", Wasmtime::Global.var(store, :i64, 1))
      linker.define(store, "env", "memory", Wasmtime::Table.new(store, :funcref, nil, min_size: 1, max_size: 2))
      expect { linker.instantiate(store, mod) }.to error_with(<<~TEXT.chomp, Wasmtime::LinkError)
        cannot link the module:
          import "env" "log": expected (func (param i32)), given (global (mut i64))
          import "env" "memory": expected (memory 1), given (table 1 2 funcref)
      TEXT
    end

    it "names what comes close" do
      linker.define_all(env: { lag: ->(_) {} })
      expect { linker.instantiate(store, mod) }.to raise_error(
        Wasmtime::LinkError, /missing import "env" "log": expected \(func \(param i32\)\), did you mean "lag"\?\n/
      )
    end

    it "refuses other stores and engines" do
      linker.define(store, "env", "memory", memory)
      expect { linker.instantiate(Wasmtime::Store.new(engine), mod) }.to error_with(wrong_store, Wasmtime::StoreError)
      foreign = Wasmtime::Engine.new
      expect { linker.instantiate(store, compile("(module)", engine: foreign)) }
        .to error_with("the module and the linker belong to different engines")
      expect { described_class.new(engine).instantiate(Wasmtime::Store.new(foreign), mod) }
        .to error_with("the linker and the store belong to different engines")
    end

    it "refuses what is no store and no module" do
      [linker, described_class.new(engine).define_all({})].each do |linker|
        expect { linker.instantiate(store, nil) }.to raise_error(TypeError, "no implicit conversion of NilClass into Wasmtime::Module")
        expect { linker.instantiate(nil, mod) }.to raise_error(TypeError, "no implicit conversion of NilClass into Wasmtime::Store")
        expect { linker.instantiate_pre(nil) }.to raise_error(TypeError, "no implicit conversion of NilClass into Wasmtime::Module")
      end
    end

    it "raises what a start function raises, as the same object" do
      [IOError.new("mine"), Wasmtime::Error.new("about an import"), Wasmtime::Trap.new("import")].each do |error|
        linker = described_class.new(engine)
        linker.func_new("env", "f", [], []) { raise error }
        expect { linker.instantiate(store, starting) }.to raise_error(error.class) { |e| expect(e).to equal(error) }
        expect { linker.instantiate_pre(starting).instantiate(store) }.to raise_error(error.class) { |e| expect(e).to equal(error) }
      end
    end

    it "cannot be changed by a host block that runs meanwhile" do
      message = "the linker is instantiating a module: it cannot be changed by a host block that runs meanwhile"
      memory
      changes = [
        ->(l) { l.func_new("a", "g", [], []) {} }, ->(l) { l.define(store, "a", "m", memory) }, ->(l) { l.alias("env", "f", "a", "f") },
        ->(l) { l.alias_module("env", "a") }, ->(l) { l.allow_shadowing = true }, ->(l) { l.allow_unknown_exports = true },
        ->(l) { l.define_unknown_imports_as_traps(mod) }
      ]
      changes.each do |change|
        linker = described_class.new(engine)
        linker.func_new("env", "f", [], []) { change.call(linker) }
        expect { linker.instantiate(store, starting) }.to error_with(message)
      end
    end

    it "may be used by a host block that runs meanwhile" do
      nested = nil
      linker.func_new("env", "f", [], []) { nested ||= linker.instantiate(store, compile("(module)")) }
      expect(linker.instantiate(store, starting)).to be_a(Wasmtime::Instance)
      expect(nested).to be_a(Wasmtime::Instance)
    end
  end

  describe "#dup" do
    it "has the same definitions, and its own from then on" do
      linker.func_new("a", "f", [], [:i32]) { 3 }
      copy = linker.dup
      copy.func_new("a", "g", [], [:i32]) { 4 }
      expect([copy.get(store, "a", "f").call, copy.get(store, "a", "g").call]).to eq([3, 4])
      expect { linker.get(store, "a", "g") }.to error_with("missing definition for `a::g`")
    end

    it "has the callables of define_all" do
      seen = []
      linker.define_all(env: { log: ->(n) { seen << n }, memory: memory })
      linker.dup.instantiate(store, mod).invoke("run")
      expect(seen).to eq([3])
    end

    it "keeps what it shares alive" do
      copy = described_class.new(engine).then { |linker| linker.func_new("a", "f", [], [:i32]) { 3 } || linker.dup }
      GC.start
      expect(copy.get(store, "a", "f").call).to eq(3)
    end

    it "stays with the store of the items" do
      linker.define(store, "env", "memory", memory)
      expect { linker.dup.instantiate(Wasmtime::Store.new(engine), mod) }.to error_with(wrong_store, Wasmtime::StoreError)
    end

    it "is the only copy there is" do
      expect { linker.clone }.to raise_error(TypeError)
    end
  end

  describe "with a closed store" do
    before { store.close }

    it "raises StoreClosedError" do
      closed = Wasmtime::StoreClosedError
      reactor = compile('(module (func (export "_initialize")))')
      expect { linker.instantiate(store, compile("(module)")) }.to error_with("Wasmtime::Store is closed", closed)
      expect { linker.get(store, "a", "m") }.to error_with("Wasmtime::Store is closed", closed)
      expect { linker.get_default(store, "a") }.to error_with("Wasmtime::Store is closed", closed)
      expect { linker.module(store, "a", reactor) }.to error_with("Wasmtime::Store is closed", closed)
      expect { linker.define_unknown_imports_as_default_values(store, mod) }.to error_with("Wasmtime::Store is closed", closed)
    end

    it "refuses its items" do
      closed = Wasmtime::Store.new(engine)
      item = Wasmtime::Memory.new(closed, min_size: 1)
      closed.close
      expect { linker.define(closed, "a", "m", item) }.to error_with("Wasmtime::Store is closed", Wasmtime::StoreClosedError)
    end
  end

  it "says what it is" do
    expect(linker.inspect).to eq("#<Wasmtime::Linker>")
  end
end
