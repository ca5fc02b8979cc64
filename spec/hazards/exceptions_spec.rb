# frozen_string_literal: true

# Exceptions between Ruby and the guest: thrown, caught and lost in every place, never more than an exception of Ruby's.
RSpec.describe "Exception hazards" do
  def with_references(code, **options) = apart("#{References::PRELUDE}\n#{code}", **options)

  it "leaves a start function, of the guest and of a host block, by every way to instantiate, and the store goes on" do
    out = with_references(<<~'RUBY')
      used = world
      own = compile('(module (tag $t (export "t") (param i32)) (func $s i32.const 5 throw $t) (start $s))')
      hosted = compile('(module (import "h" "f" (func $f)) (start $f))')
      thrown = used.thrown(2, "start")
      throwing = -> { raise thrown }
      linker = Linker.new.tap { |l| l.func_new("h", "f", [], []) { throwing.call } }
      async = Linker.new.tap { |l| l.func_new_async("h", "f", [], []) { throwing.call } }
      p raised { Instance.new(used.store, own) }.payload, raised { linker.instantiate(used.store, own) }.payload, raised { linker.instantiate_pre(own).instantiate(used.store) }.payload
      p [-> { Instance.new(used.store, hosted, [Func.new(used.store, [], []) { throwing.call }]) }, -> { Instance.new(used.store, hosted, { h: { f: throwing } }) }, -> { linker.instantiate(used.store, hosted) },
         -> { linker.instantiate_pre(hosted).instantiate(used.store) }].map { |call| raised(&call).equal?(thrown) }.uniq
      p used.guest.invoke("same", 5), raised { used.guest.invoke("throw_ref", nil) }.class
      p raised { async.instantiate_async(used.store, own).value }.payload, raised { async.instantiate_async(used.store, hosted).value }.equal?(thrown), used.point.to_a
    RUBY
    expect(out.lines.map(&:chomp)).to eq(["[5]", "[5]", "[5]", "[true]", "5", "Wasmtime::Trap", "[5]", "true", "[1, 2.5]"])
  end

  it "is caught by the guest, or comes out as the same object, whatever the program made of it" do
    out = with_references(<<~'RUBY')
      used = world
      guest = used.guest
      tampered = ->(value) { used.thrown.tap { |e| e.instance_variable_set(:@exnref, value) } }
      own = Class.new(WasmException)
      liar = Class.new(WasmException) { def exnref = 5 and def tag = nil and def payload = nil }
      lazy = Class.new(WasmException) { def initialize(*) = nil }
      foreign = world.thrown
      caught = { plain: used.thrown, frozen: used.thrown.freeze, copied: used.thrown.dup, cloned: used.thrown.clone, own: own.new(tag: used.tag, payload: [1, nil]), liar: liar.new(tag: used.tag, payload: [1, nil]) }
      passed = { allocated: WasmException.allocate, untagged: WasmException.new("plain"), struct: tampered.(used.point), object: tampered.(Object.new), closed: tampered.(nil), lazy: lazy.new, foreign: foreign,
                 foreign_ref: tampered.(foreign.exnref), other: RuntimeError.new("other") }
      p caught.reject { |_, thrown| (used.block = -> { raise thrown }) && guest.invoke("catch") == [1, nil] && guest.invoke("catch_all") == 1 && raised { guest.invoke("run") }.equal?(thrown) && raised { guest.invoke("rethrow") }.equal?(thrown) }
      p passed.reject { |_, thrown| (used.block = -> { raise thrown }) && %w[catch catch_all catch_ref run rethrow].all? { |name| raised { guest.invoke(name) }.equal?(thrown) } }
      p Func.new(used.store, [], []) { raise used.thrown(3, "direct") }.then { |func| raised { func.call }.payload }
      other = Tag.new(used.store, [:i64]).exception(9)
      used.block = -> { raise other }
      p raised { guest.invoke("catch") }.equal?(other), guest.invoke("catch_all"), guest.invoke("catch_ref").payload
    RUBY
    expect(out.lines.map(&:chomp)).to eq(["{}", "{}", '[3, "direct"]', "true", "1", "[9]"])
  end

  it "refuses payloads that do not fit, and tags that cannot raise without one" do
    out = with_references(<<~'RUBY')
      used = world
      p others(ArgumentError, TypeError, RangeError, none: -> { raise used.tag }, few: -> { used.tag.exception(1) }, many: -> { used.tag.exception(1, 2, 3) }, wrong: -> { used.tag.exception("x", nil) },
               big: -> { used.tag.exception(2**40, nil) }, by_raise: -> { raise used.tag, 5 }, no_tag: -> { WasmException.new(tag: 5) }, no_array: -> { WasmException.new(tag: used.tag, payload: 5) },
               exn: -> { ExnRef.new(used.store, used.point, []) }, struct: -> { Tag.new(used.store, [POINT]).exception(used.bytes) }, null: -> { Tag.new(used.store, [ValType.new(:any, nullable: false)]).exception(nil) })
      p others(Wasmtime::Error, concrete: -> { Tag.new(used.store, [POINT]).exception(StructRef.new(used.store, PAIR, [nil, 1])) })
      p raised { raise Tag.new(used.store) }.payload, Tag.new(used.store, %i[exnref anyref v128 funcref]).exception(used.exn, used.point, V128.i64x2(1, 2), used.guest["inc"]).payload.map(&:class)
    RUBY
    expect(out.lines.map(&:chomp)).to eq(["{}", "{}", "[]", "[Wasmtime::ExnRef, Wasmtime::StructRef, Wasmtime::V128, Wasmtime::Func]"])
  end

  it "crosses nested calls, stores, threads without the GVL, and stacks that are full" do
    out = with_references(<<~'RUBY', timeout: 60)
      one, other = world, world
      depth = 0
      one.block = -> { (depth += 1) < 20 ? raise(one.thrown(one.guest.invoke("catch")[0] + 1)) : raise(one.thrown(0)) }
      p one.guest.invoke("catch")
      depth = 0
      thrown = one.thrown(7)
      nesting = -> { (depth += 1) < 20 ? (depth.odd? ? other : one).guest.invoke("run") : raise(thrown) }
      one.block = other.block = nesting
      p raised { one.guest.invoke("rethrow") }.equal?(thrown)
      depth = 0
      p raised { other.guest.invoke("catch") }.equal?(thrown), one.guest.invoke("same", 1)
      one.block = -> { one.guest.invoke("catch_all") }
      p [Wasmtime::Trap, SystemStackError, Wasmtime::StoreError].any? { |kind| kind === raised { one.guest.invoke("catch_all") } }, one.guest.invoke("same", 2)
      released = world(Store.new(gvl: :release))
      released.block = -> { Thread.pass; raise released.thrown(9, "released") }
      p 4.times.map { released.guest.invoke("catch") }.uniq, raised { released.guest.invoke("run") }.payload, Thread.new { released.guest.invoke("catch_all") }.value
      worlds = Array.new(4) { world(Store.new(gvl: :release)) }
      p worlds.map { |w| w.block = -> { raise w.thrown(1, w) }; Thread.new { Array.new(500) { w.guest.invoke("catch")[1].equal?(w) }.uniq } }.flat_map(&:value).uniq
    RUBY
    expect(out.lines.map(&:chomp)).to eq(
      ["[19, nil]", "true", "true", "1", "true", "2", '[[9, "released"]]', '[9, "released"]', "1", "[true]"]
    )
  end

  it "goes through Fibers, Enumerators, Thread#raise and continuations" do
    out = with_references(<<~'RUBY')
      require "continuation"
      Thread.report_on_exception = false
      used = world
      guest = used.guest
      thrown = used.thrown(3, "fiber")
      p Fiber.new { used.block = -> { raise thrown }; guest.invoke("catch") }.resume
      fiber = Fiber.new { used.block = -> { Fiber.yield 1; raise thrown }; guest.invoke("catch") }
      p fiber.resume, raised { used.point[0] }.class, fiber.resume
      used.block = -> { Fiber.yield 1 }
      fiber = Fiber.new { guest.invoke("catch") }
      fiber.resume
      p fiber.raise(thrown)
      used.block = -> { Enumerator.new { raise thrown }.next }
      p guest.invoke("catch")
      used.block = -> { sleep }
      thread = Thread.new { guest.invoke("catch") }
      sleep 0.05 until thread.status == "sleep"
      thread.raise(thrown)
      p thread.value
      catching = build('(module (func (export "run") (result i32) (block $b (try_table (catch_all $b) (loop $l br $l))) i32.const 1))', store: used.store)
      p [nil, :release].map { |gvl| thread = Thread.new { catching.invoke("run", gvl: gvl) }; sleep 0.1; thread.raise(thrown); raised { thread.value }.equal?(thrown) }
      again = nil
      rounds = 0
      used.block = -> { callcc { |here| again = here }; rounds += 1; raise thrown }
      outcome = (raised { p guest.invoke("catch") })
      again.call if rounds < 2
      p outcome.class, rounds, raised { guest.invoke("same", 4) }
    RUBY
    lines = out.lines.map(&:chomp)
    expect(lines).to eq(['[3, "fiber"]', "1", "Wasmtime::StoreBusyError", '[3, "fiber"]', '[3, "fiber"]', '[3, "fiber"]', '[3, "fiber"]', "[true, true]", '[3, "fiber"]',
                         "Wasmtime::StoreError", "2", '"nothing"'])
  end

  it "never hides a timeout, an interrupt, a kill or a throw of Ruby's from a guest that catches all" do
    out = with_references(<<~'RUBY', timeout: 60)
      used = world
      guest = used.guest
      calls = 0
      thrown = used.thrown
      used.block = -> { calls += 1; raise thrown }
      p raised { guest.invoke("retry", timeout: 0.1) }.class, raised { Timeout.timeout(0.2) { guest.invoke("retry") } }.class, raised { guest.invoke("retry", timeout: 0.1, gvl: :release) }.class, calls > 3
      thread = Thread.new { guest.invoke("retry") }
      sleep 0.1
      p thread.kill.join(10).nil?, thread.alive?
      used.block = -> { Timeout.timeout(0.05) { sleep } }
      p raised { guest.invoke("catch_all") }.class
      used.block = -> { throw :out, 5 }
      p(catch(:out) { guest.invoke("catch_all") })
      used.block = -> { exit 3 }
      p raised { guest.invoke("retry") }.class
      used.block = -> { Process.kill(:INT, Process.pid); sleep }
      p raised { guest.invoke("retry") }.class
      used.block = -> { sleep 0.2; raise thrown }
      p raised { guest.invoke("retry", timeout: 0.05) }.class, guest.invoke("same", 1)
    RUBY
    expect(out.lines.map(&:chomp)).to eq(
      ["Wasmtime::TimeoutError", "Timeout::Error", "Wasmtime::TimeoutError", "true", "false", "false", "Timeout::Error", "5", "SystemExit", "Interrupt", "Wasmtime::TimeoutError", "1"]
    )
  end

  it "keeps what it carries while both collectors run" do
    out = with_references(<<~'RUBY', timeout: 60)
      used = world
      text = -> { "payload " * 20 }
      used.block = -> { thrown = used.thrown(1, text.call); GC.start; used.store.gc; raise thrown }
      p Array.new(50) { used.guest.invoke("catch")[1] == text.call && GC.compact && used.store.gc }.uniq
      error = raised { used.guest.invoke("run") }
      GC.compact
      p error.payload[1] == text.call, error.exnref.payload[1].equal?(error.payload[1]), error.tag == used.tag, error.exnref.tag == used.tag
      used.guest["exn"].set(used.thrown(2, text.call).exnref)
      used.guest["exns"].set(1, used.guest["exn"].get)
      3.times { GC.start; used.store.gc; GC.compact }
      p used.guest["exn"].get.payload[1] == text.call, used.guest["exns"].get(1) == used.guest["exn"].get, raised { used.guest.invoke("throw_ref", used.guest["exn"].get) }.payload[0]
      p used.guest["exns"].to_a.map(&:class)
    RUBY
    expect(out.lines.map(&:chomp)).to eq(["[nil]", "true", "true", "true", "true", "true", "true", "2", "[NilClass, Wasmtime::ExnRef, NilClass, NilClass]"])
  end

  it "refuses a tag of another type, store or engine as an import" do
    out = with_references(<<~'RUBY')
      used, foreign = world, Engine.new
      other = Store.new(foreign)
      mod = compile('(module (import "a" "t" (tag (param i64))))')
      import = ->(store, tag) { Instance.new(store, mod, [tag]) }
      fitting = Tag.new(used.store, [:i64])
      p others(Wasmtime::Error, type: -> { import.(used.store, used.tag) }, arity: -> { import.(used.store, Tag.new(used.store)) }, store: -> { import.(used.store, Tag.new(Store.new, [:i64])) },
                                engine: -> { import.(used.store, Tag.new(other, [:i64])) }, elsewhere: -> { import.(Store.new, fitting) }, linker: -> { Linker.new(foreign).define(used.store, "a", "t", fitting) },
                                linker_store: -> { Linker.new.define(used.store, "a", "t", Tag.new(other, [:i64])) })
      p import.(used.store, fitting).class, Linker.new.tap { |l| l.define(used.store, "a", "t", fitting) }.instantiate(used.store, mod).class, fitting == Tag.new(used.store, [:i64]), fitting == other, used.tag.hash == used.guest["tag"].hash
    RUBY
    expect(out.lines.map(&:chomp)).to eq(["{}", "Wasmtime::Instance", "Wasmtime::Instance", "false", "false", "true"])
  end

  it "works in a forked child, also inside the host block that throws, and while other threads make types" do
    out = with_references(<<~'RUBY', timeout: 60)
      used = world
      thrown = used.thrown(1, "parent")
      used.block = -> { raise thrown }
      p in_child { w = world; w.block = -> { raise w.thrown(2, "child") }; [w.guest.invoke("catch"), raised { w.guest.invoke("run") }.payload, StructType.new(engine, %i[i32 v128]).fields.size] }
      p in_child { [used.point.to_a, used.guest.invoke("catch"), raised { used.guest.invoke("run") }.equal?(thrown), GC.start] }
      used.block = -> { used.run_in_child }
      used.define_singleton_method(:run_in_child) { puts in_child { [point.to_a, raised { raise thrown }.payload, StructRef.new(store, POINT, [1, 2]).to_a] } }
      used.guest.invoke("run")
      stop = false
      threads = [Thread.new { StructType.new(engine, [:i32] * rand(1..50)).fields until stop }, Thread.new { w = world(Store.new(gvl: :release)); w.guest.invoke("list", 1_000) until stop }]
      p Array.new(40) { in_child { w = world; [w.point.to_a, StructType.new(engine, [:f32] * 20).fields.size, w.guest.invoke("list", 10)[0]] } }.tally
      stop = true
      threads.each(&:join)
    RUBY
    expect(out.lines.map(&:chomp)).to eq(
      ['"[[2, \\"child\\"], [2, \\"child\\"], 2]"', '"[[1, 2.5], [1, \\"parent\\"], true, nil]"', '[[1, 2.5], [1, "parent"], [1, 2.0]]', '{"[[1, 2.5], 20, 1]"=>40}']
    )
  end

  it "stays in its Ractor, while types and vectors are shared" do
    out = with_references(<<~'RUBY', timeout: 60)
      Warning[:experimental] = false
      used = world
      shared = [POINT, BYTES, used.exn.type, GUEST.exports.find { |e| e.name == "call" }.type.params[0].type, V128.i32x4(1, 2, 3, 4)]
      p shared.map { |object| Ractor.shareable?(object) }.uniq, Ractor.new(shared) { |list| list.map(&:inspect) }.take == shared.map(&:inspect)
      p [*used.references.values, used.tag, used.thrown].map { |object| [raised { Ractor.make_shareable(object) }.class, raised { Ractor.new(object) { |o| o }.take }.class] }.uniq.flatten.uniq
      p used.references.values.map { |object| raised { Ractor.new { Ractor.receive }.send(object, move: true) }.class }.uniq, used.point.to_a, used.exn.payload
      worker = lambda do
        Ractor.new(POINT) do |type|
          store = Wasmtime::Store.new
          tag = Wasmtime::Tag.new(store, [:anyref])
          Array.new(200) do |n|
            point = Wasmtime::StructRef.new(store, type, [n, 0])
            thrown = tag.exception(point)
            func = Wasmtime::Func.new(store, [], []) { raise thrown }
            begin
              func.call
            rescue Wasmtime::WasmException => e
              e.payload[0][0] == n && e.payload[0].matches?(type) && Wasmtime::StructType.new(Wasmtime::Engine.default, [Wasmtime::FieldType.var(:i32), :f64]) == type && type.fields.size == 2
            end
          end.uniq
        end
      end
      p 4.times.map { worker.call }.flat_map(&:take).uniq
    RUBY
    expect(out.lines.map(&:chomp)).to eq(["[true]", "true", "[Ractor::Error, TypeError]", "[TypeError]", "[1, 2.5]", '[7, "seven"]', "[true]"])
  end
end
