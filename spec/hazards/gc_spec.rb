# frozen_string_literal: true

RSpec.describe "GC hazards" do
  let(:store) { Wasmtime::Store.new }

  it "gives the same values under GC.stress, through host blocks, exceptions and several results" do
    out = apart(<<~'RUBY')
      store = Wasmtime::Store.new
      wat = <<~WAT
        (module (import "h" "twice" (func $twice (param i32) (result i32 i64)))
          (import "h" "echo" (func $echo (param externref) (result externref)))
          (func (export "run") (param i32) (result i32 i64) local.get 0 call $twice)
          (func (export "echo") (param externref) (result externref) local.get 0 call $echo))
      WAT
      GC.stress = true
      instance = build(wat, { h: { twice: ->(n) { [n * 2, -n] }, echo: ->(o) { o } } }, store: store)
      func = Wasmtime::Func.new(store, [:i32], [:externref]) { |_caller, n| n == 3 ? raise("boom #{n}") : "got #{n}" }
      3.times do |n|
        raise "run" unless instance.invoke("run", n) == [n * 2, -n]
        raise "echo" unless instance.invoke("echo", "text #{n}") == "text #{n}"
        raise "func" unless func.call(n) == "got #{n}"
      end
      raise "exception" unless raised { func.call(3) }.message == "boom 3"
      GC.stress = false
      puts "same"
    RUBY
    expect(out).to eq("same")
  end

  it "keeps blocks, user data and externrefs where they belong when the heap is compacted" do
    out = apart(<<~'RUBY')
      data = Object.new
      store = Wasmtime::Store.new(engine, data)
      kept = Object.new
      text = "a block's own text"
      seen = []
      wat = '(module (import "h" "f" (func $f (param externref) (result externref))) (global $g (mut externref) (ref.null extern))
        (func (export "set") (param externref) local.get 0 global.set $g) (func (export "get") (result externref) global.get $g call $f))'
      linker = Wasmtime::Linker.new(engine)
      linker.func_new("h", "f", [:externref], [:externref]) { |caller, o| seen << [caller.store_data.equal?(data), text]; o }
      instance = linker.instantiate(store, compile(wat))
      instance.invoke("set", kept)
      trash = Array.new(50_000) { |n| "string #{n}" }
      trash.select!.with_index { |_, n| n % 7 == 0 }
      5.times do
        GC.verify_compaction_references(double_heap: true, toward: :empty) if GC.respond_to?(:verify_compaction_references)
        GC.compact if GC.respond_to?(:compact)
        raise "identity" unless instance.invoke("get").equal?(kept)
      end
      raise seen.inspect unless seen == [[true, "a block's own text"]] * 5
      raise "export moved" unless instance.export("get").equal?(instance.export("get"))
      puts "kept"
    RUBY
    expect(out).to eq("kept")
  end

  it "gives back the same object when only the guest holds it" do
    instance = build(store, <<~WAT)
      (module (table $t 4 externref) (global $g (mut externref) (ref.null extern))
        (func (export "keep") (param externref) (table.set $t (i32.const 2) (local.get 0)) (global.set $g (local.get 0)))
        (func (export "table") (result externref) (table.get $t (i32.const 2)))
        (func (export "global") (result externref) global.get $g))
    WAT
    id = Thread.new { Object.new.tap { |o| instance.invoke("keep", o) }.object_id }.value
    GC.start
    store.gc
    10_000.times { +"garbage" }
    GC.start
    expect([instance.invoke("table"), instance.invoke("global")].map(&:object_id)).to eq([id, id])
  end

  it "gives back the argument itself, or the object that took its place, when the guest's collector ran during the call" do
    store = Wasmtime::Store.new
    collect = Wasmtime::Func.new(store, [], []) { 50.times { store.gc } }
    instance = build(store, <<~WAT, [collect])
      (module (import "" "" (func $collect)) (table 1 externref)
        (func (export "swap") (param externref) (result externref externref)
          (local $old externref)
          (local.set $old (table.get (i32.const 0)))
          (table.set (i32.const 0) (local.get 0))
          (call $collect)
          (local.get $old) (local.get 0)))
    WAT
    old = nil
    500.times do
      object = Object.new
      expect(instance.invoke("swap", object)).to match([be(old), be(object)])
      old = object
    end
  end

  it "tells Ruby's GC of every young object that an old store or instance comes to refer to" do
    # One store or instance for each reference: a second write is not looked at while the first is remembered.
    printed = apart(<<~'RUBY')
      mod = compile('(module (func (export "a")))')
      data, retaining = Array.new(2) { Wasmtime::Store.new }
      exporting, invoking = Array.new(2) { Wasmtime::Instance.new(Wasmtime::Store.new, mod) }
      invoking.exports
      4.times { GC.start }
      data.data = Object.new
      Wasmtime::Linker.new.instantiate(retaining, mod)
      exporting.exports
      invoking.invoke("a".dup.freeze)
      GC.verify_internal_consistency
      GC.start(full_mark: false)
      GC.verify_internal_consistency
      p exporting.exports.keys, data.data.class
    RUBY
    expect(printed).to eq(%(["a"]\nObject))
  end

  it "lets an object go once the guest has let it go" do
    out = apart(<<~'RUBY')
      instance = build('(module (global $g (mut externref) (ref.null extern)) (func (export "set") (param externref) local.get 0 global.set $g))')
      collected = 0
      count = proc { collected += 1 }
      apart do
        20.times { object = Object.new; ObjectSpace.define_finalizer(object, count); instance.invoke("set", object) }
        nil
      end
      instance.invoke("set", nil)
      puts eventually { instance.store.gc; instance.invoke("set", nil); collected >= 19 }
    RUBY
    expect(out).to eq("true")
  end

  it "does not grow with externref round trips" do
    out = apart(<<~'RUBY')
      instance = build('(module (func (export "echo") (param externref) (result externref) local.get 0))')
      echo = instance.export("echo")
      run = ->(count) { count.times { echo.call(Object.new) } }
      run.(100_000)
      GC.start
      before = rss
      run.(500_000)
      GC.start
      puts rss - before < 30 ? "flat" : "grew by #{rss - before} MiB"
    RUBY
    expect(out).to eq("flat")
  end

  it "collects blocks that close over their own store and instance" do
    out = apart(<<~'RUBY')
      apart do
        50.times do
          store = Wasmtime::Store.new
          instance = nil
          instance = build('(module (import "" "" (func $f (result i32))) (func (export "run") (result i32) call $f))',
                           [Wasmtime::Func.new(store, [], [:i32]) { store && instance ? 1 : 0 }], store: store)
          instance.invoke("run")
          store.data = instance
          linker = Wasmtime::Linker.new
          linker.func_new("a", "b", [], []) { [linker, store, instance] }
          linker.instantiate(store, compile('(module (import "a" "b" (func)))'))
        end
        nil
      end
      done = eventually { live(:Store).zero? && live(:Linker).zero? }
      puts done ? "collected" : Wasmtime._live_handles
    RUBY
    expect(out).to eq("collected")
  end

  it "brings every live handle but the default engine back to zero" do
    out = apart(<<~'RUBY')
      engine
      apart do
        30.times do
          own = Wasmtime::Engine.new
          store = Wasmtime::Store.new(own)
          mod = compile('(module (memory (export "m") 1) (table (export "t") 1 funcref) (global (export "g") (mut i32) (i32.const 1))
            (func (export "trap") unreachable))', own)
          linker = Wasmtime::Linker.new(own)
          linker.func_new("a", "b", [:i64], [:externref]) { nil }
          instance = linker.instantiate_pre(mod).instantiate(store)
          raised { instance.invoke("trap") }
          raised { compile("(module (nonsense))", own) }
          raised { Wasmtime::Engine.new(max_wasm_stack: 0) }
          instance.exports.each_value(&:inspect)
          mod.exports.each(&:type)
        end
        nil
      end
      done = eventually { Wasmtime._live_handles.reject { |_, count| count.zero? } == { Engine: 1 } }
      puts done ? "zero" : Wasmtime._live_handles
    RUBY
    expect(out).to eq("zero")
  end

  it "keeps the store while only one of its objects is held" do
    kept = Thread.new do
      instance = build(Wasmtime::Store.new, <<~WAT)
        (module (memory (export "m") 1) (table (export "t") 3 funcref) (global (export "g") i32 (i32.const 7))
          (func (export "f") (result i32) i32.const 9))
      WAT
      instance.exports.values
    end.value
    5.times { GC.start }
    memory, table, global, func = kept
    expect([memory.size, table.size, global.get, func.call]).to eq([1, 3, 7, 9])
  end

  it "keeps host functions of a linker that is gone" do
    instance = Thread.new do
      linker = Wasmtime::Linker.new
      linker.func_new("a", "b", [], [:i32]) { 42 }
      linker.instantiate(store, Wasmtime::Module.new('(module (import "a" "b" (func $f (result i32))) (func (export "f") (result i32) call $f))'))
    end.value
    5.times { GC.start }
    expect(instance.invoke("f")).to eq(42)
  end

  it "carries an exception across wasm frames under GC.stress" do
    func = Wasmtime::Func.new(store, [], []) { raise IOError, "made here #{1 + 1}" }
    instance = build(store, '(module (import "" "" (func $f)) (func (export "f") call $f))', [func])
    error = raised_by do
      GC.stress = true
      instance.invoke("f")
    ensure
      GC.stress = false
    end
    expect([error.class, error.message]).to eq([IOError, "made here 2"])
  end

  it "reads results once, before code of theirs can change the Array" do
    results = []
    evil = Object.new
    evil.define_singleton_method(:to_int) { [results.clear, GC.start, 5].last }
    func = Wasmtime::Func.new(store, [], %i[i32 i32 i32]) { results.replace([evil, 2, 3]) }
    outcome = begin
      func.call
    rescue Wasmtime::ResultError, TypeError => e
      e.class
    end
    expect(outcome).to eq([5, 2, 3]).or eq(Wasmtime::ResultError)
  end

  it "reads arguments once, before code of theirs can close the store" do
    func = Wasmtime::Func.new(store, %i[i32 i32], [:i32]) { |_caller, a, b| a + b }
    evil = Object.new
    to_close = store
    evil.define_singleton_method(:to_int) { to_close.close && 5 }
    expect { func.call(evil, 2) }.to raise_error(Wasmtime::StoreError)
  end

  it "keeps arguments and results while a guest runs without the GVL" do
    func = Wasmtime::Func.new(store, [:externref], [:externref]) { |_caller, object| [GC.start, "#{object}!"].last }
    instance = build(store, <<~WAT, [func])
      (module (import "" "" (func $f (param externref) (result externref)))
        (func (export "f") (param externref) (result externref) local.get 0 call $f call $f))
    WAT
    released = instance.export("f").to_func(gvl: false)
    collector = Thread.new { 30.times { GC.start } }
    expect(Array.new(50) { |n| released.call("o#{n}") }).to eq(Array.new(50) { |n| "o#{n}!!" })
    collector.join
  end

  it "marks an object while one of its own methods allocates" do
    GC.stress = true
    begin
      memory = Wasmtime::Memory.new(store, min_size: 1)
      linker = Wasmtime::Linker.new
      linker.define(store, "a", "m", memory)
      found = [memory.read(0, 10).bytesize, memory.type.to_s, linker.get(store, "a", "m").size, store.inspect]
    ensure
      GC.stress = false
    end
    expect(found).to eq([10, "(memory 1)", 1, "#<Wasmtime::Store>"])
  end

  it "survives 10,000 stores with memories and no GC.start" do
    out = apart(<<~'RUBY', timeout: 40)
      mod = compile('(module (memory (export "m") 1))')
      10_000.times { Wasmtime::Instance.new(Wasmtime::Store.new, mod) }
      puts live < 9_000 ? "collected on the way" : "all #{live} alive"
    RUBY
    expect(out).to eq("collected on the way")
  end

  it "raises, or makes room by collecting, when there is no address space for a memory" do
    out = apart(<<~'RUBY', timeout: 40)
      mod = compile('(module (memory (export "m") 1))')
      GC.disable
      Process.setrlimit(Process::RLIMIT_AS, 200 << 30)
      apart { error = raised { 100.times { Wasmtime::Instance.new(Wasmtime::Store.new, mod) } }; puts error.is_a?(Wasmtime::Error) || error }
      kept = []
      apart { error = raised { 100.times { kept << Wasmtime::Instance.new(Wasmtime::Store.new, mod) } }; puts error.is_a?(Wasmtime::Error) }
    RUBY
    expect(out.lines.map(&:chomp)).to eq(%w[nothing true]).or eq(%w[true true])
  end

  describe "objects that were not made properly" do
    # Tasks come with `require "wasmtime/tasks"` only, and have no native half.
    classes = (Wasmtime.constants - [:Tasks]).map { |name| Wasmtime.const_get(name) }.grep(Class)
                                             .select { |klass| klass < BasicObject && !(klass <= Exception) }
    handles = %i[Engine Module Store Instance InstancePre Linker Func Caller Memory SharedMemory Table Global Tag]

    handles.each do |name|
      klass = Wasmtime.const_get(name)

      it "refuses #{name}.allocate" do
        expect { klass.allocate }.to(raise_error { |e| expect(e).to be_a(TypeError).or be_a(NoMethodError) })
      end

      it "refuses #{name}.allocate by the method of Class" do
        expect { Class.instance_method(:allocate).bind_call(klass) }.to raise_error(TypeError)
      end

      it "refuses #{name}.new by the method of Class" do
        expect { Class.instance_method(:new).bind_call(klass) }.to raise_error(TypeError)
      end
    end

    it "survives allocate of every class, and every method of what it gives" do
      code = <<~'RUBY'
        names = %p
        names.each do |name|
          klass = Object.const_get(name)
          object = begin
            klass.allocate
          rescue TypeError, NoMethodError
            next
          end
          klass.instance_methods(false).each { |method| [0, 1, 2].each { |n| raised { object.public_send(method, *Array.new(n)) } } }
        end
        puts "alive"
      RUBY
      expect(apart(format(code, classes.map(&:name)))).to eq("alive")
    end

    it "survives subclasses whose initialize does not call super" do
      out = apart(<<~'RUBY')
        [Wasmtime::Engine, Wasmtime::Store, Wasmtime::Linker, Wasmtime::Module, Wasmtime::Func, Wasmtime::Memory].each do |klass|
          sub = Class.new(klass) { def initialize(*, **) = nil }
          args = { Wasmtime::Module => ["(module)"], Wasmtime::Func => [Wasmtime::Store.new, [], []], Wasmtime::Memory => [Wasmtime::Store.new] }
          object = nil
          options = klass == Wasmtime::Memory ? { min_size: 1 } : {}
          raised { object = sub.new(*args[klass], **options) {} }
          (sub.instance_methods - Object.instance_methods).each { |method| raised { object.public_send(method) } } if object
        end
        puts "alive"
      RUBY
      expect(out).to eq("alive")
    end
  end

  describe "copies" do
    let(:objects) do
      mod = Wasmtime::Module.new('(module (memory (export "m") 1) (table (export "t") 1 funcref) (global (export "g") i32 (i32.const 1))
        (tag (export "e")) (func (export "f")))')
      instance = Wasmtime::Instance.new(store, mod)
      linker = Wasmtime::Linker.new
      [Wasmtime::Engine.default, mod, store, instance, linker, linker.instantiate_pre(mod), *instance.exports.values]
    end

    it "refuses dup and clone of everything but a linker, which has a dup of its own" do
      copied = objects.flat_map { |object| %i[dup clone].select { |method| works?(object, method) }.map { |method| [object.class, method] } }
      expect(copied).to eq([[Wasmtime::Linker, :dup]])
    end

    it "refuses Marshal.dump of everything" do
      expect(objects.reject { |object| works?(Marshal, :dump, object) }).to eq(objects)
    end

    it "makes a dup of a linker that outlives the linker" do
      linker = Wasmtime::Linker.new
      linker.func_new("a", "b", [], [:i32]) { 3 }
      other = linker.dup
      linker = nil # rubocop:disable Lint/UselessAssignment
      3.times { GC.start }
      mod = Wasmtime::Module.new('(module (import "a" "b" (func $f (result i32))) (func (export "f") (result i32) call $f))')
      expect(other.instantiate(store, mod).invoke("f")).to eq(3)
    end

    def works?(object, method, *args)
      object.public_send(method, *args)
      true
    rescue TypeError, NoMethodError
      false
    end
  end

  it "inspects every object at any time: in a host block, from another thread, in a closed store, while an object is built" do
    out = apart(<<~'RUBY')
      look = lambda do
        all = []
        ObjectSpace.each_object { |object| all << object if object.class.name&.start_with?("Wasmtime::") && !(Exception === object) }
        all.each { |object| object.inspect; object.to_s; object.hash; object == 1; ObjectSpace.memsize_of(object) }
        all.size
      end
      wat = '(module (import "" "" (func $f)) (memory (export "m") 1) (table (export "t") 1 externref) (tag (export "e"))
        (global (export "g") (mut externref) (ref.null extern)) (func (export "f") call $f))'
      store = Wasmtime::Store.new
      instance = nil
      func = Wasmtime::Func.new(store, [], []) { |caller| caller.inspect; instance&.exports; look.(); Thread.new(&look).join }
      instance = build(wat, [func], store: store)
      linker = Wasmtime::Linker.new
      linker.define(store, "", "", func)
      linker.instantiate_pre(compile(wat))
      instance.invoke("f")
      instance.exports.each_value(&:inspect)
      store.close
      puts look.() > 8
    RUBY
    expect(out).to eq("true")
  end

  describe "a caller that is kept" do
    it "refuses every method after its block" do
      kept = nil
      Wasmtime::Func.new(store, [], []) { |caller| kept = caller }.call
      errors = [[:export, "a"], [:[], "a"], [:store_data], [:store], [:get_fuel], [:set_fuel, 1]].map do |call|
        kept.public_send(*call)
      rescue Wasmtime::Error => e
        e.message
      end
      expect(errors.uniq).to eq(["Caller outlived its Func execution"])
      expect(kept.valid?).to be(false)
    end

    it "stays invalid when another call is as deep as its own was" do
      kept = nil
      first = Wasmtime::Func.new(store, [], []) { |caller| kept = caller }
      second = Wasmtime::Func.new(store, [], []) { kept.store_data }
      first.call
      expect { second.call }.to raise_error(Wasmtime::Error, "Caller outlived its Func execution")
    end

    it "refuses other threads while its block runs" do
      func = Wasmtime::Func.new(store, [], []) { |caller| Thread.new { Thread.current.report_on_exception = false; caller.export("a") }.value }
      expect { func.call }.to raise_error(Wasmtime::StoreBusyError)
    end
  end

  describe "a store that is closed" do
    let(:wat) do
      '(module (memory (export "m") 1) (table (export "t") 1 externref) (global (export "g") (mut i32) (i32.const 1)) (tag (export "e"))
        (func (export "f") (result i32) i32.const 1))'
    end

    it "makes every method of every object raise, not crash" do
      instance = build(store, wat)
      m, t, g, e, f = instance.exports.values
      linker = Wasmtime::Linker.new
      store.close
      calls = [
        -> { f.call }, -> { f.to_proc.call }, -> { m.read(0, 1) }, -> { m.write(0, "a") }, -> { m.size }, -> { m.bytesize }, -> { m.grow(1) },
        -> { m.read_i32(0) }, -> { m.write_i32(0, 1) }, -> { m.fill(0) }, -> { m.copy(from: 0, to: 1, length: 1) }, -> { m.view {} },
        -> { m.read_cstring(0) }, -> { m.read_unsafe_slice(0, 1) }, -> { t.get(0) }, -> { t.set(0, 1) }, -> { t.grow(1) }, -> { t.size },
        -> { t.to_a }, -> { g.get }, -> { g.set(1) }, -> { instance.export("nothing") }, -> { instance.invoke("f") },
        -> { instance.functions.f }, -> { store.gc }, -> { store.data }, -> { store.data = 1 }, -> { store.set_limits(memories: 1) },
        -> { store.linear_memory_limit_hit? }, -> { store.max_linear_memory_consumed }, -> { Wasmtime::Memory.new(store, min_size: 1) },
        -> { Wasmtime::Table.new(store, :externref, nil, min_size: 1) }, -> { Wasmtime::Global.const(store, :i32, 1) },
        -> { Wasmtime::Func.new(store, [], []) {} }, -> { build(store, wat) }, -> { linker.define(store, "a", "b", m) },
        -> { linker.instance(store, "a", instance) }, -> { linker.get(store, "a", "b") }, -> { linker.get_default(store, "a") },
        -> { linker.module(store, "a", Wasmtime::Module.new(wat)) }, -> { linker.instantiate(store, Wasmtime::Module.new(wat)) },
        -> { linker.instantiate_pre(Wasmtime::Module.new(wat)).instantiate(store) },
        -> { linker.define_unknown_imports_as_default_values(store, Wasmtime::Module.new('(module (import "a" "b" (global i32)))')) }
      ]
      wrong = calls.each_with_index.reject do |call, _|
        call.call
        false
      rescue Wasmtime::StoreClosedError
        true
      end
      expect(wrong.map { |call, index| [index, call.source_location] }).to eq([])
      # Types may be kept or not, but they never crash.
      expect([m, t, g, e, f].map { |item| [item.inspect, (item.type rescue nil)].size }).to all(eq(2)) # rubocop:disable Style/RescueModifier
    end

    it "says false when it is closed again" do
      expect([store.close, store.close, store.closed?]).to eq([true, false, true])
    end

    it "refuses to close inside a host block of its own" do
      func = Wasmtime::Func.new(store, [], []) { store.close }
      expect { func.call }.to raise_error(Wasmtime::StoreBusyError)
      expect(store).not_to be_closed
    end

    it "refuses to close while another thread is inside" do
      while_busy(store) { expect { store.close }.to raise_error(Wasmtime::StoreBusyError) }
    end

    it "lets its memory be closed by GC and by hand in any order" do
      out = apart(<<~'RUBY')
        mod = compile('(module (memory (export "m") 1))')
        20.times { store = Wasmtime::Store.new; Wasmtime::Instance.new(store, mod).export("m"); store.close if rand < 0.5; GC.start if rand < 0.3 }
        puts "alive"
      RUBY
      expect(out).to eq("alive")
    end
  end
end
