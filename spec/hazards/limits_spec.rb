# frozen_string_literal: true

RSpec.describe "Limit hazards" do
  let(:looping) { Hazards::PRELUDE[/LOOPING = '(.*)'/, 1] }
  let(:fuel_engine) { Wasmtime::Engine.new(consume_fuel: true) }
  let(:epoch_engine) { Wasmtime::Engine.new(epoch_interruption: true) }

  def on(engine, wat, imports = [], &setup)
    store = Wasmtime::Store.new(engine)
    setup&.call(store)
    build(store, wat, imports, engine)
  end

  describe "fuel" do
    it "of 0 stops the guest at once" do
      instance = on(fuel_engine, looping)
      instance.store.set_fuel(0)
      expect { instance.invoke("ok") }.to raise_error(Wasmtime::OutOfFuelError) { |e| expect(e.code).to eq(:out_of_fuel) }
      instance.store.set_fuel(100)
      expect(instance.invoke("ok")).to eq(1)
    end

    it "runs out in an endless loop, and the rest is exact" do
      instance = on(fuel_engine, looping)
      instance.store.set_fuel(10_000)
      expect { instance.invoke("loop") }.to raise_error(Wasmtime::OutOfFuelError)
      expect(instance.store.get_fuel).to eq(0)
      used = Array.new(2) { instance.store.set_fuel(1000) || (instance.invoke("ok") && (1000 - instance.store.get_fuel)) }
      expect(used).to match([be_positive, used.first])
    end

    it "may be set and read in a host block" do
      store = Wasmtime::Store.new(fuel_engine)
      store.set_fuel(1000)
      seen = nil
      func = Wasmtime::Func.new(store, [], []) { |caller| caller.set_fuel(7) || (seen = caller.get_fuel) }
      instance = build(store, '(module (import "" "" (func $f)) (func (export "f") call $f (loop $l br $l)))', [func], fuel_engine)
      expect { instance.invoke("f") }.to raise_error(Wasmtime::OutOfFuelError)
      expect([seen, store.get_fuel]).to eq([7, 0])
    end

    it "may be the largest number, and no other" do
      store = Wasmtime::Store.new(fuel_engine)
      store.set_fuel((2**64) - 1)
      expect(store.get_fuel).to eq((2**64) - 1)
      expect(build(store, looping, [], fuel_engine).invoke("ok")).to eq(1)
      [2**64, -1, 2**200, "1", nil].each { |fuel| expect([RangeError, TypeError]).to include(raised_by { store.set_fuel(fuel) }.class) }
    end

    it "is refused where the engine does not count it" do
      store = Wasmtime::Store.new
      expect([raised_by { store.set_fuel(1) }, raised_by { store.get_fuel }]).to all be_a(Wasmtime::Error)
    end
  end

  describe "an epoch deadline" do
    it "and Timeout are independent of each other" do
      instance = on(epoch_engine, looping) { |store| store.set_epoch_deadline(1_000_000) }
      expect { Timeout.timeout(0.1) { instance.invoke("loop") } }.to raise_error(Timeout::Error)
      instance.store.set_epoch_deadline(1)
      Thread.new { sleep(0.05) && epoch_engine.increment_epoch }
      expect { Timeout.timeout(5) { instance.invoke("loop") } }.to raise_error(Wasmtime::Trap) { |e| expect(e.code).to eq(:interrupt) }
      instance.store.set_epoch_deadline(100)
      expect(instance.invoke("ok")).to eq(1)
    end

    it "is not used up by Ruby's own ticks" do
      instance = on(epoch_engine, looping) { |store| store.set_epoch_deadline(1) }
      expect { Timeout.timeout(0.3) { instance.invoke("loop") } }.to raise_error(Timeout::Error)
    end

    it "is not reached by the epochs of another engine" do
      instance = on(epoch_engine, looping) { |store| store.set_epoch_deadline(1) }
      other = Wasmtime::Engine.new(epoch_interruption: true)
      Thread.new { 100.times { other.increment_epoch } }.join
      expect(instance.invoke("ok")).to eq(1)
    end

    it "never wraps, however far it is" do
      [(2**63) - 1, 2**63, (2**64) - 1].each do |ticks|
        instance = on(epoch_engine, looping)
        error = raised_by { instance.store.set_epoch_deadline(ticks) }
        expect([NilClass, RangeError]).to include(error.class)
        10.times { epoch_engine.increment_epoch }
        expect(raised_by { instance.invoke("ok") }).to be_nil if error.nil?
      end
      [2**64, -1, nil, "1"].each { |ticks| expect([RangeError, TypeError]).to include(raised_by { Wasmtime::Store.new(epoch_engine).set_epoch_deadline(ticks) }.class) }
    end

    it "lets the guest run while none was set, or stops it with an exception" do
      expect([NilClass, Wasmtime::Trap]).to include(raised_by { on(epoch_engine, looping).invoke("ok") }.class)
    end
  end

  describe "a pool" do
    it "that is exhausted raises, and slots come back by close and by GC" do
      out = apart(<<~'RUBY', timeout: 30)
        config = Wasmtime::PoolingAllocationConfig.new
        config.total_core_instances = 5
        config.total_memories = 5
        own = Wasmtime::Engine.new(allocation_strategy: config)
        mod = compile('(module (memory (export "m") 1))', own)
        make = -> { Wasmtime::Instance.new(Wasmtime::Store.new(own), mod) }
        kept = Array.new(5) { make.() }
        p raised(&make).class
        kept.pop.store.close
        kept << make.()
        p raised(&make).class
        kept.clear
        p eventually { raised { 3.times { Wasmtime::Store.open(own) { |s| Wasmtime::Instance.new(s, mod) } } } == "nothing" }
        p raised { 200.times { make.() } }
      RUBY
      expect(out.lines.map(&:chomp)).to eq(["Wasmtime::PoolExhaustedError", "Wasmtime::PoolExhaustedError", "true", '"nothing"'])
    end

    it "never gives an instance what another left in its memory" do
      out = apart(<<~'RUBY')
        config = Wasmtime::PoolingAllocationConfig.new
        config.total_core_instances = 4
        config.total_memories = 4
        config.total_tables = 4
        own = Wasmtime::Engine.new(allocation_strategy: config)
        mod = compile('(module (memory (export "m") 1) (table (export "t") 2 externref))', own)
        p Array.new(20) { Wasmtime::Store.open(own) { |s| i = Wasmtime::Instance.new(s, mod); m, t = i.exports.values; old = [m.read(0, 6), t.get(1)]; m.write(0, "secret"); t.set(1, "secret"); old } }.uniq
      RUBY
      expect(out).to eq('[["\\x00\\x00\\x00\\x00\\x00\\x00", nil]]')
    end

    it "refuses modules that need more than a slot has" do
      out = apart(<<~'RUBY')
        config = Wasmtime::PoolingAllocationConfig.new
        config.max_memory_size = 65_536
        config.table_elements = 10
        own = Wasmtime::Engine.new(allocation_strategy: config)
        ['(module (memory 2))', '(module (table 11 funcref))', '(module (memory 1) (memory 1) (memory 1))', "(module #{'(table 1 funcref)' * 50})"].each do |wat|
          error = raised { Wasmtime::Instance.new(Wasmtime::Store.new(own), compile(wat, own)) }
          p error == "nothing" || error.is_a?(Wasmtime::Error)
        end
        i = Wasmtime::Instance.new(Wasmtime::Store.new(own), compile('(module (memory (export "m") 1) (table (export "t") 1 funcref))', own))
        p raised { i.export("m").grow(1) }.is_a?(Wasmtime::Error), raised { i.export("t").grow(100) }.is_a?(Wasmtime::Error)
        store = Wasmtime::Store.new(own)
        p raised { 3000.times { Wasmtime::Memory.new(store, min_size: 1) } }.then { |e| e == "nothing" || e.is_a?(Wasmtime::Error) }
      RUBY
      expect(out.lines.map(&:chomp).uniq).to eq(["true"])
    end
  end

  describe "a store's limits" do
    it "stop instantiation with an exception and leave the store usable" do
      { memory_size: "(module (memory 2))", table_elements: "(module (table 11 funcref))", instances: "(module)", tables: "(module (table 1 funcref))", memories: "(module (memory 1))" }.each do |limit, wat|
        value = { memory_size: 65_536, table_elements: 10 }.fetch(limit, 0)
        store = Wasmtime::Store.new(Wasmtime::Engine.default, limits: { limit => value })
        2.times { expect { build(store, wat) }.to raise_error(Wasmtime::Error) }
        store.set_limits(limit => nil)
        expect(build(store, wat)).to be_a(Wasmtime::Instance)
      end
    end

    it "stop 20,000 instances in one store with an exception, or hold them" do
      out = apart(<<~'RUBY')
        mod = compile('(module (func))')
        store = Wasmtime::Store.new
        error = raised { 20_000.times { Wasmtime::Instance.new(store, mod) } }
        p error == "nothing" || error.is_a?(Wasmtime::Error)
        p raised { 20_000.times { Wasmtime::Func.new(store, [], []) {} } }.then { |e| e == "nothing" || e.is_a?(Wasmtime::Error) }
        p raised { 2_000.times { |n| Wasmtime::Func.new(store, [:i32] * (n % 50), [:i64] * (n / 50)) {} } }.then { |e| e == "nothing" || e.is_a?(Wasmtime::Error) }
      RUBY
      expect(out.lines.map(&:chomp)).to eq(%w[true true true])
    end
  end

  # Values that are on the native heap alone are collected on the way.
  { "imports" => '(import "a" "b" (func (param i32) (result i64)))', "exports" => '(export "%d" (func $f))' }.each do |method, item|
    it "keeps every value of Module##{method} while the GC runs" do
      out = apart(<<~RUBY)
        func = #{method == 'exports' ? "'(func $f (param i32) (result i64) i64.const 0)'" : "''"}
        mod = compile("(module \#{func} \#{(0...12_500).map { |n| format('#{item}', n) }.join})")
        p Array.new(6) { mod.#{method}.map { |entry| entry.type.to_s }.uniq }.uniq
      RUBY
      expect(out).to eq('[["(func (param i32) (result i64))"]]')
    end
  end

  describe "a hostile module" do
    {
      "10,000 functions" => '"(module #{\'(func (result i32) (i32.add (i32.const 1) (i32.const 2)))\' * 10_000})"',
      "a huge function" => '"(module (func #{\'(drop (i32.mul (i32.const 1) (i32.const 2)))\' * 20_000}))"',
      "50,000 data segments" => '"(module (memory 1) #{\'(data (i32.const 0) "a")\' * 50_000})"',
      "100,000 data segments, which is one too many" => '"(module (memory 1) #{\'(data (i32.const 0) "a")\' * 100_001})"',
      "1,000 memories" => '"(module #{\'(memory 1)\' * 1_000})"',
      "1,000 tables of all elements" => '"(module #{\'(table 4294967295 funcref)\' * 1_000})"',
      "100,000 types" => '"(module #{(0...100_000).map { |n| "(type (func (param #{%w[i32 i64 f32 f64][n % 4]})))" }.join})"',
      "50,000 exports" => '"(module (func $f) #{(0...50_000).map { |n| "(export \\"#{n}\\" (func $f))" }.join})"',
      "50,000 imports" => '"(module #{\'(import "a" "b" (func))\' * 50_000})"',
      "5,000 nested blocks" => '"(module (func #{\'block \' * 5_000}#{\'end \' * 5_000}))"',
      "a br_table of 100,000 labels" => '"(module (func (param i32) (block (br_table #{\'0 \' * 100_000} (local.get 0)))))"',
      "49,000 locals" => '"(module (func (export \"f\") (local #{\'i64 \' * 49_000})))"',
      "a memory that cannot be" => '"(module (memory 65536 65536) (memory 65536) (memory i64 281474976710656))"',
      "an endless start function" => '"(module (func $f (loop $l br $l)) (start $f))"'
    }.each do |what, wat|
      it "is refused or works, and never ends the process: #{what}" do
        out = apart(<<~RUBY, timeout: 10)
          wat = #{wat}
          error = raised do
            Timeout.timeout(1.5) do
              mod = compile(wat)
              mod.exports.size
              mod.imports.size
              linker = Wasmtime::Linker.new
              linker.define_unknown_imports_as_traps(mod)
              instance = linker.instantiate(Wasmtime::Store.new, mod)
              instance.exports.size
              instance.inspect.size
            end
          end
          p error == "nothing" || error.is_a?(Wasmtime::Error) || error.is_a?(Timeout::Error) || error
          p build(LOOPING).invoke("ok"), rss < 1500
        RUBY
        expect(out.lines.map(&:chomp)).to eq(%w[true 1 true])
      end
    end
  end
end
