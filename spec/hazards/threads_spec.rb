# frozen_string_literal: true

RSpec.describe "Thread, Ractor and fork hazards" do
  let(:store) { Wasmtime::Store.new }
  let(:looping) { Hazards::PRELUDE[/LOOPING = '(.*)'/, 1] }
  let(:wat) do
    '(module (memory (export "m") 1) (table (export "t") 1 externref) (global (export "g") (mut i32) (i32.const 1)) (tag (export "e"))
      (func (export "f") (result i32) i32.const 1))'
  end

  describe "a store that another thread is using" do
    it "refuses every method of every object that touches it, and the user is not disturbed" do
      instance = build(store, wat)
      m, t, g, _e, f = instance.exports.values
      linker = Wasmtime::Linker.new
      mod = Wasmtime::Module.new(wat)
      pre = linker.instantiate_pre(mod)
      calls = {
        call: -> { f.call }, to_proc: -> { f.to_proc.call }, released: -> { f.to_func(gvl: false).call }, invoke: -> { instance.invoke("f") },
        functions: -> { instance.functions.f }, read: -> { m.read(0, 1) }, write: -> { m.write(0, "a") }, grow: -> { m.grow(1) },
        size: -> { m.size }, bytesize: -> { m.bytesize }, read_i64: -> { m.read_i64(0) }, write_f32: -> { m.write_f32(0, 1) },
        fill: -> { m.fill(0) }, copy: -> { m.copy(from: 0, to: 1, length: 1) }, view: -> { m.view {} }, slice: -> { m.read_unsafe_slice(0, 1) },
        table_get: -> { t.get(0) }, table_set: -> { t.set(0, 1) }, table_grow: -> { t.grow(1) }, table_size: -> { t.size },
        global_get: -> { g.get }, global_set: -> { g.set(1) }, gc: -> { store.gc }, close: -> { store.close },
        memory_new: -> { Wasmtime::Memory.new(store, min_size: 1) }, table_new: -> { Wasmtime::Table.new(store, :externref, nil, min_size: 1) },
        global_new: -> { Wasmtime::Global.const(store, :i32, 1) }, func_new: -> { Wasmtime::Func.new(store, [], []) {} },
        instance_new: -> { build(store, wat) }, instantiate: -> { linker.instantiate(store, mod) }, pre: -> { pre.instantiate(store) },
        define: -> { linker.define(store, "a", "b", m) }, define_instance: -> { linker.instance(store, "c", instance) },
        define_module: -> { linker.module(store, "d", mod) }, get_default: -> { linker.get_default(store, "a") }
      }
      allowed = while_busy(store) { calls.reject { |_, call| raised_by(&call).is_a?(Wasmtime::StoreBusyError) } }
      expect(allowed.keys).to eq([])
      expect(f.call).to eq(1)
    end

    it "refuses while the other thread is in wasm without the GVL" do
      instance = build(store, looping)
      thread = Thread.new { instance.export("loop").to_func(gvl: false).call }
      sleep 0.05
      expect(Array.new(5) { raised_by { instance.invoke("ok") }.class }.uniq).to eq([Wasmtime::StoreBusyError])
      thread.kill.join
      expect(instance.invoke("ok")).to eq(1)
    end

    it "inspects without raising, and without waiting" do
      instance = build(store, wat)
      mixed = [store, instance, *instance.exports.values]
      texts = while_busy(store) { mixed.map(&:inspect) }
      expect(texts).to all start_with("#<Wasmtime::")
    end
  end

  it "gives exact results on 8 threads with a store each, 10,000 calls each" do
    mod = Wasmtime::Module.new('(module (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))')
    sums = Array.new(8) do |seed|
      Thread.new do
        add = Wasmtime::Instance.new(Wasmtime::Store.new, mod).export("add")
        add = add.to_func(gvl: false) if seed.odd?
        (1..10_000).sum { |n| add.call(n, seed) }
      end
    end
    expect(sums.map(&:value)).to eq(Array.new(8) { |seed| 50_005_000 + (10_000 * seed) })
  end

  it "moves a store from thread to thread" do
    instance = build(store, looping)
    expect(Array.new(20) { Thread.new { instance.invoke("ok") }.value }).to eq([1] * 20)
  end

  it "never lets two threads into one store, however they race" do
    inside = 0
    most = 0
    func = Wasmtime::Func.new(store, [], []) do
      most = [most, inside += 1].max
      Thread.pass
      inside -= 1
    end
    outcomes = Array.new(8) { Thread.new { Array.new(300) { raised_by { func.call }.class } } }.flat_map(&:value)
    expect(outcomes.uniq - [NilClass, Wasmtime::StoreBusyError]).to eq([])
    expect([most, outcomes.include?(NilClass)]).to eq([1, true])
  end

  it "compiles the bytes at call time from a String that others change and compile" do
    source = Wasmtime.wat2wasm('(module (func (export "f") (result i32) i32.const 77))')
    text = source.dup
    failures = Queue.new
    compilers = Array.new(4) { Thread.new { 20.times { raised_by { Wasmtime::Module.new(text) }.then { |e| failures << e if e } } } }
    changer = Thread.new { 200.times { text.replace(source) && Thread.pass } }
    [*compilers, changer].each(&:join)
    expect(Array.new(failures.size) { failures.pop }).to eq([])
  end

  it "compiles the bytes at call time from a String that is cut while it compiles" do
    source = Wasmtime.wat2wasm("(module #{(0...1500).map { |n| "(func (export \"f#{n}\") (result i32) i32.const #{n})" }.join})")
    3.times do
      text = source.dup
      thread = Thread.new { Wasmtime::Module.new(text) }
      Thread.pass until thread.stop? || thread.status == "run"
      sleep 0.005
      text.replace("x" * 10)
      expect(raised_by { thread.value }).to be_nil.or be_a(Wasmtime::CompileError)
    end
  end

  describe "other Ruby threads" do
    { "with the GVL" => true, "without the GVL" => false }.each do |how, gvl|
      it "go on while wasm runs #{how}" do
        instance = build(store, looping)
        count = 0
        counter = Thread.new { loop { count += 1; sleep 0.001 } }
        thread = Thread.new { instance.export("loop").to_func(gvl: gvl).call }
        sleep 0.3
        before = count
        sleep 0.5
        [thread, counter].each(&:kill).each(&:join)
        expect(count - before).to be > 5
      end
    end

    it "go on while a module compiles" do
      source = "(module #{(0...1500).map { |n| "(func (export \"f#{n}\") (result i32) #{'(i32.add (i32.const 1) ' * 20} i32.const #{n} #{')' * 20})" }.join})"
      bytes = Wasmtime.wat2wasm(source)
      count = 0
      counter = Thread.new { loop { count += 1; sleep 0.001 } }
      Thread.pass until count.positive?
      before = count
      Wasmtime::Module.new(bytes)
      moved = count - before
      counter.kill.join
      expect(moved).to be > 3
    end
  end

  it "stops waiting for a compilation on Timeout, and compiles afterwards" do
    bytes = Wasmtime.wat2wasm("(module (func #{'block ' * 100} #{'end ' * 100}))")
    huge = Wasmtime.wat2wasm("(module #{(0...5_000).map { |n| "(func (result i32) #{'(i32.add (i32.const 1) ' * 20} i32.const #{n} #{')' * 20})" }.join})")
    begun = Process.clock_gettime(Process::CLOCK_MONOTONIC)
    error = raised_by { Timeout.timeout(0.05) { Wasmtime::Module.new(huge) } }
    took = Process.clock_gettime(Process::CLOCK_MONOTONIC) - begun
    expect(error).to be_a(Timeout::Error)
    expect(took).to be < 0.5
    expect(Wasmtime::Module.new(bytes)).to be_a(Wasmtime::Module)
  end

  describe "Ractors" do
    it "share engines and modules, and make stores of their own" do
      out = apart(<<~'RUBY')
        mod = compile('(module (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
          (func (export "trap") unreachable))')
        p Ractor.shareable?(mod), Ractor.shareable?(engine)
        ractors = Array.new(4) do |n|
          Ractor.new(mod, n) { |m, k| i = Wasmtime::Instance.new(Wasmtime::Store.new(m.engine), m); Array.new(200) { |j| i.invoke("add", j, k) }.sum }
        end
        p ractors.map(&:take) == (0..3).map { |k| 19_900 + 200 * k }
        error = raised { Ractor.new(mod) { |m| Wasmtime::Instance.new(Wasmtime::Store.new(m.engine), m).invoke("trap") }.take }
        p error.class, error.cause.class, error.cause.code
      RUBY
      expect(out.lines.map(&:chomp)).to eq(%w[true true true Ractor::RemoteError Wasmtime::Trap :unreachable_code_reached])
    end

    it "share an InstancePre whose linker holds no Ruby block" do
      out = apart(<<~'RUBY')
        linker = Wasmtime::Linker.new
        Wasmtime::WASI::P1.add_to_linker_sync(linker)
        mod = compile('(module (import "wasi_snapshot_preview1" "random_get" (func (param i32 i32) (result i32))) (func (export "double") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2))))')
        pre = linker.dup.instantiate_pre(mod)
        p Ractor.shareable?(pre), Ractor.shareable?(Ractor.make_shareable(pre))
        linker = nil
        GC.start
        ractors = Array.new(3) do |n|
          Ractor.new(pre, n) do |shared, k|
            Array.new(100) { |j| shared.instantiate(Wasmtime::Store.new(shared.module.engine, wasi_config: Wasmtime::WasiConfig.new)).invoke("double", j + k) }.sum
          end
        end
        p ractors.map(&:take), raised { pre.instantiate(Wasmtime::Store.new) }.message[/\AStore is missing WASI p1 configuration/]
      RUBY
      expect(out.lines.map(&:chomp)).to eq(["false", "true", "[9900, 10100, 10300]", '"Store is missing WASI p1 configuration"'])
    end

    it "cannot share an InstancePre whose linker holds a Ruby block, and say which import that is" do
      out = apart(<<~'RUBY')
        mod = compile('(module (import "a" "b" (func)) (import "env" "log" (func (param i32))))')
        [->(l) { l.func_new("env", "log", [:i32], []) {} }, ->(l) { l.define_all("env" => { log: ->(n) {} }) }].each do |define|
          linker = Wasmtime::Linker.new
          define.call(linker)
          linker.define_unknown_imports_as_traps(mod)
          puts raised { Ractor.make_shareable(linker.dup.instantiate_pre(mod)) }.message[/\A[^;]*/]
        end
        linker = Wasmtime::Linker.new
        store = Wasmtime::Store.new
        linker.define(store, "m", "m", Wasmtime::Memory.new(store, min_size: 1))
        error = raised { linker.instantiate_pre(compile('(module (import "m" "m" (memory 1)))')).freeze }
        puts error.class, error.message[/\A[^;]*/]
      RUBY
      expect(out.lines.map(&:chomp)).to eq([
                                             *["can not share the InstancePre: the import `env::log` is a Ruby block, which belongs to one Ractor"] * 2,
                                             "Ractor::Error", "can not share the InstancePre: its linker holds Ruby blocks or items of a store, which belongs to one Ractor"
                                           ])
    end

    it "cannot share stores, linkers and what belongs to them" do
      out = apart(<<~'RUBY')
        instance = build('(module (memory (export "m") 1) (func (export "f")))')
        objects = [instance.store, instance, Wasmtime::Linker.new, *instance.exports.values]
        p objects.map { |object| Ractor.shareable?(object) }.uniq
        p objects.map { |object| raised { Ractor.make_shareable(object) }.class }.uniq
        p objects.map { |object| raised { Ractor.new(object) { |o| o.inspect }.take }.class }.uniq
        object = objects.first
        p raised { Ractor.new { object } }.class
      RUBY
      lines = out.lines.map(&:chomp)
      expect([lines[0], lines[3]]).to eq(["[false]", "ArgumentError"])
      expect(lines[1]).not_to include("String")
      expect(lines[2]).not_to include("String")
    end

    it "cannot move a store" do
      out = apart(<<~'RUBY')
        store = Wasmtime::Store.new
        ractor = Ractor.new { Ractor.receive.closed? }
        p raised { ractor.send(store, move: true); ractor.take }.is_a?(Exception)
        p raised { store.closed? }
      RUBY
      expect(out.lines.first).to eq("true\n")
    end

    it "run host blocks, are interrupted and use the default engine at the same time" do
      out = apart(<<~'RUBY')
        ractors = Array.new(3) do
          Ractor.new do
            store = Wasmtime::Store.new
            f = Wasmtime::Func.new(store, [:i32], [:i32]) { |_c, n| n + 1 }
            mod = Wasmtime::Module.new('(module (import "" "" (func $f (param i32) (result i32))) (func (export "f") (param i32) (result i32) local.get 0 call $f))')
            i = Wasmtime::Instance.new(store, mod, [f])
            Array.new(300) { |n| i.invoke("f", n) }.sum
          end
        end
        p ractors.map(&:take)
      RUBY
      expect(out).to eq("[45150, 45150, 45150]")
    end
  end

  describe "fork" do
    # What a child must be able to do, all of it within a few seconds.
    work = <<~'RUBY'
      def work
        own = build(LOOPING)
        [own.invoke("ok"), raised { Timeout.timeout(0.2) { own.invoke("loop") } }.class,
         raised { Timeout.timeout(0.2) { own.export("loop").to_func(gvl: false).call } }.class,
         raised { build('(module (func (export "f") unreachable))').invoke("f") }.code,
         raised { build('(module (func $f (export "f") (result i32) (i32.add (call $f) (i32.const 1))))').invoke("f") }.code]
      end
      def child
        reader, writer = IO.pipe
        pid = fork { reader.close; writer.write(Marshal.dump(yield)); writer.close; exit!(0) }
        writer.close
        text = reader.read
        _, status = Process.wait2(pid)
        status.success? ? Marshal.load(text) : status
      end
      ALL = [1, Timeout::Error, Timeout::Error, :unreachable_code_reached, :stack_overflow]
    RUBY

    it "after an engine, compilations and calls gives a child that compiles, runs, traps and is interrupted" do
      out = apart([work, <<~'RUBY'].join("\n"))
        p work == ALL, child { work } == ALL, work == ALL, child { child { work } } == ALL
      RUBY
      expect(out.lines.map(&:chomp)).to eq(%w[true] * 4)
    end

    it "before anything was used gives a child that works" do
      expect(apart("#{work}\np child { work } == ALL, work == ALL")).to eq("true\ntrue")
    end

    it "in another thread than the first gives a child that works" do
      expect(apart("#{work}\nwork; p Thread.new { child { work } }.value == ALL")).to eq("true")
    end

    it "gives a child that uses the engine, modules and linkers of its parent" do
      out = apart([work, <<~'RUBY'].join("\n"))
        mod = compile(LOOPING)
        linker = Wasmtime::Linker.new
        linker.func_new("a", "b", [], [:i32]) { 5 }
        pre = linker.instantiate_pre(compile('(module (import "a" "b" (func $f (result i32))) (func (export "f") (result i32) call $f))'))
        Wasmtime::Instance.new(Wasmtime::Store.new, mod).invoke("ok")
        p child { [Wasmtime::Instance.new(Wasmtime::Store.new, mod).invoke("ok"), pre.instantiate(Wasmtime::Store.new).invoke("f"), mod.serialize.size > 9] }
      RUBY
      expect(out).to eq("[1, 5, true]")
    end

    it "refuses or works with a store of the parent, and never crashes" do
      out = apart([work, <<~'RUBY'].join("\n"))
        instance = build(LOOPING)
        instance.invoke("ok")
        p child { [1, "nothing", Wasmtime::ForkedStoreError.name].include?((instance.invoke("ok") rescue $!.class.name)) }
        p child { instance.store.close; instance = nil; GC.start; true }
        p instance.invoke("ok")
      RUBY
      expect(out.lines.map(&:chomp)).to eq(%w[true true 1])
    end

    it "inside a host block gives a child that ends in every way" do
      out = apart([work, <<~'RUBY'].join("\n"))
        store = Wasmtime::Store.new
        how = nil
        instance = build(CALLING, [Wasmtime::Func.new(store, [], []) { how.call }], store: store)
        ways = [-> { exit!(0) }, -> { exit(0) }, -> { exec("true") }, -> { work == ALL or exit!(9); exit!(0) }, -> { raise SystemExit }, -> { Thread.new { work }.join; exit!(0) }]
        statuses = ways.map do |way|
          how = -> { pid = fork { way.call }; Process.wait2(pid).last.exitstatus.then { |s| $status = s } }
          instance.invoke("run")
          $status
        end
        p statuses, instance.invoke("ok")
      RUBY
      expect(out.lines.map(&:chomp)).to eq(["[0, 0, 0, 0, 0, 0]", "1"])
    end

    it "inside a host block gives a child that may return through the parent's wasm, or is refused" do
      out = apart(<<~'RUBY')
        store = Wasmtime::Store.new
        pid = nil
        instance = build(CALLING, [Wasmtime::Func.new(store, [], []) { pid = fork }], store: store)
        error = raised { instance.invoke("run") }
        if pid.nil?
          exit!(error == "nothing" || error.is_a?(Wasmtime::Error) ? 0 : 7)
        end
        p Process.wait2(pid).last.exitstatus, error, instance.invoke("ok")
      RUBY
      expect(out.lines.map(&:chomp)).to eq(["0", '"nothing"', "1"])
    end

    it "while another thread runs wasm and another compiles gives children that work" do
      out = apart("#{work}\n" + <<~'RUBY', timeout: 30)
        busy = Thread.new { build(LOOPING).export("loop").to_func(gvl: false).call }
        compiling = Thread.new { loop { compile("(module #{(0...100).map { |n| "(func (result i32) i32.const #{n})" }.join})").serialize } }
        sleep 0.05
        quick = -> { [build(LOOPING).invoke("ok"), raised { build('(module (func (export "f") unreachable))').invoke("f") }.code] }
        p Array.new(25) { child(&quick) }.uniq
        p child { work } == ALL
        [busy, compiling].each(&:kill).each(&:join)
        p work == ALL
      RUBY
      expect(out.lines.map(&:chomp)).to eq(["[[1, :unreachable_code_reached]]", "true", "true"])
    end

    it "a hundred times, while another thread compiles and loads modules, gives children that compile, load and call" do
      out = apart("#{work}\n" + <<~'RUBY', timeout: 60)
        code = compile("(module #{(0...60).map { |n| "(func (result i32) i32.const #{n})" }.join})").serialize
        loading = Thread.new { loop { compile('(module (func (export "f")))') && Wasmtime::Module.deserialize(engine, code) } }
        p Array.new(100) { child { [build(LOOPING).invoke("ok"), Wasmtime::Module.deserialize(engine, code).exports.size] } }.uniq
        loading.kill.join
        p work == ALL
      RUBY
      expect(out.lines.map(&:chomp)).to eq(["[[1, 0]]", "true"])
    end

    it "gives a child in which calls time out, and the parent's too" do
      out = apart("#{work}\n" + <<~'RUBY')
        instance = build(LOOPING)
        timed_out = -> { [raised { build(LOOPING).invoke("loop", timeout: 0.05) }.class, raised { build(LOOPING).invoke("loop", timeout: 0.05, gvl: :release) }.class] }
        p timed_out.call, child(&timed_out), child { child(&timed_out) }, timed_out.call
      RUBY
      expect(out.lines.map(&:chomp)).to eq(["[Wasmtime::TimeoutError, Wasmtime::TimeoutError]"] * 4)
    end

    it "by Process.daemon gives a process that works" do
      out = apart("#{work}\nwork; Process.daemon(true, true); $stdout.puts(work == ALL); $stdout.flush")
      expect(out).to eq("true")
    end
  end

  it "survives 200 threads that call wasm once and die, and Ruby detects its own overflows afterwards" do
    out = apart(<<~'RUBY')
      mod = compile('(module (func (export "ok") (result i32) i32.const 1) (func $f (export "f") (result i32) (i32.add (call $f) (i32.const 1))))')
      def deep = deep + 1
      run = -> { i = Wasmtime::Instance.new(Wasmtime::Store.new, mod); [i.invoke("ok"), raised { i.invoke("f") }.code] }
      200.times { raise "wrong" unless Thread.new(&run).value == [1, :stack_overflow] }
      before = rss
      400.times { Thread.new(&run).join }
      GC.start
      p rss - before < 40, raised { deep }.class, Thread.new { run.(); raised { deep }.class }.value
    RUBY
    expect(out.lines.map(&:chomp)).to eq(%w[true SystemStackError SystemStackError])
  end
end
