# frozen_string_literal: true

# What references are made of: values, counts and types of every kind, on engines of every kind, and objects without a native half.
RSpec.describe "Reference values" do
  def with_references(code, **options) = apart("#{References::PRELUDE}\n#{code}", **options)

  it "refuses what is no store, type, tag or value, with an exception of Ruby's or ours" do
    out = with_references(<<~'RUBY', timeout: 60)
      used = world
      values = [nil, true, 0, -1, 2**32, 2**64, -2**70, 1.5, Float::NAN, "x", "a\0b", :i32, :x, [], [1], [nil, nil, nil], {}, Object, Object.new, BasicObject.new, used.store, used.tag, POINT, BYTES,
                FieldType.allocate, ValType.allocate, TagType.allocate, HeapType, engine, V128.new("\0" * 16), *used.references.values]
      known = [Wasmtime::Error, TypeError, ArgumentError, RangeError, NoMethodError]
      made = values.product(values).flat_map do |one, other|
        [-> { StructRef.new(one, other, [1, 2]) }, -> { StructRef.new(used.store, one, other) }, -> { ArrayRef.new(one, other, [1]) }, -> { ArrayRef.new(used.store, one, other) },
         -> { ArrayRef.filled(used.store, BYTES, one, other) unless one.is_a?(Integer) && one > 2**30 }, -> { ExnRef.new(one, other, []) }, -> { ExnRef.new(used.store, one, other) },
         -> { Tag.new(one, other) }, -> { used.tag.exception(one, other) }, -> { WasmException.new(tag: one, payload: other) }, -> { AnyRef.from_extern(one, other) },
         -> { StructType.new(one, other) }, -> { StructType.new(engine, [one, other]) }, -> { ArrayType.new(one, other) }, -> { ExnType.new(engine, [one, other]) },
         -> { StructRef.new(used.store, PAIR, [one, other]) }, -> { ArrayRef.new(used.store, ANYS, [one, other]) }, -> { FieldType.new(one, mutable: other) },
         -> { ValType.new(one, nullable: other) }, -> { V128.i64x2(one, other) }, -> { FloatBits.f32(one) }, -> { V128.new(one) }]
      end
      p made.size, others(*known, "nothing", made.each_with_index.to_h { |call, index| [index, -> { call.call; raise ArgumentError }] })
      p used.references.flat_map { |name, reference| values.flat_map { |value| [-> { reference[value] }, -> { reference[value] = value }, -> { reference == value }, -> { reference.matches?(value) }, -> { reference.cast(value) }]
        .map { |call| raised { call.call; raise ArgumentError } } } }.reject { |error| known.any? { |kind| kind === error } }.map(&:class)
    RUBY
    expect(out.lines.map(&:chomp)[1..]).to eq(["{}", "[]"])
  end

  it "bounds how many fields a type has, and how large an object may be" do
    out = with_references(<<~'RUBY', timeout: 60)
      store = Store.new
      p StructType.new(engine, [:i32] * 10_000).fields.size, ExnType.new(engine, [:i32] * 10_000).params.size, Tag.new(store, [:i32] * 10_000).type.params.size
      p raised { StructType.new(engine, [:i32] * 10_001) }.message, raised { ExnType.new(engine, [:i32] * 10_001) }.message
      wide = StructType.new(engine, [:v128] * 5_000 + [:externref] * 5_000)
      made = StructRef.new(store, wide, [V128.i32x4(1, 2, 3, 4)] * 5_000 + (1..5_000).to_a)
      p made[4_999], made[9_999], made.size, made.inspect.size > 10_000
      p StructRef.new(store, StructType.new(engine, []), []).to_a, ArrayRef.new(store, BYTES, []).to_a, ArrayRef.new(store, ANYS, []).to_a
      sizes = { 2**32 => RangeError, 2**64 => RangeError, -1 => RangeError, 2**200 => RangeError, 2**32 - 1 => Wasmtime::Error, 2**31 => Wasmtime::Error, 2**30 => Wasmtime::Error, 2**29 - 10 => Wasmtime::Error,
                nil => TypeError, "1" => TypeError }
      p sizes.reject { |size, kind| kind === raised { ArrayRef.filled(store, LONGS, size, 0) } }
      p ArrayRef.filled(store, ANYS, 100_000, made)[99_999] == made, ArrayRef.filled(store, ArrayType.new(engine, :externref), 100_000, "text")[99_999]
      store.gc
      p made.size, raised { StructRef.new(store, POINT, [1]) }.message, raised { StructRef.new(store, POINT, [1, 2, 3]) }.message
    RUBY
    expect(out.lines.map(&:chomp)).to eq(
      ["10000", "10000", "10000", '"a struct type has at most 10000 fields, got 10001"', '"an exception type has at most 10000 fields, got 10001"',
       "#<Wasmtime::V128 i32x4 0x00000001 0x00000002 0x00000003 0x00000004>", "5000", "10000", "true", "[]", "[]", "[]", "{}", "true", '"text"', "10000",
       '"wrong number of values (given 1, expected 2)"', '"wrong number of values (given 3, expected 2)"']
    )
  end

  it "checks every index" do
    out = with_references(<<~'RUBY')
      used = world
      kinds = [-1, 3, 2**32, 2**32 + 1, 2**63, 2**64, -2**70, nil, "1", :a, [], used.point].to_h { |index| [index.class == Integer ? index : index.class, %i[point bytes exn].map { |name| raised { used.references[name][index] }.class }.uniq] }
      p kinds.values.flatten.uniq.sort_by(&:name), kinds.values_at(3, -1, 2**32, 2**64, NilClass)
      p raised { used.bytes[3] }.message, raised { used.point[2] = 1 }.message, raised { used.point[1] = 1 }.message, raised { used.point[0] = "x" }.class, used.bytes[1.9], used.point.to_a
    RUBY
    expect(out.lines.map(&:chomp)).to eq(
      ["[RangeError, TypeError, Wasmtime::Error]", "[[Wasmtime::Error], [RangeError], [Wasmtime::Error], [RangeError], [TypeError]]", '"index 3 is out of bounds: there are 3 elements"',
       '"index 2 is out of bounds: there are 2 fields"', '"the field is immutable: its type says const"', "TypeError", "2", "[1, 2.5]"]
    )
  end

  it "raises when a guest's heap is full, and goes on when there is room again" do
    out = with_references(<<~'RUBY', timeout: 60)
      used = world(Store.new(limits: { memory_size: 1 << 20 }))
      kept = []
      error = raised { 1_000.times { kept << ArrayRef.filled(used.store, LONGS, 5_000, 1) } }
      p error.class, error.message[/GC heap out of memory/], kept.first[4_999], kept.size > 2
      kept.clear
      p ArrayRef.filled(used.store, LONGS, 5_000, 2)[0], used.guest.invoke("bytes", 20_000).size
      p raised { used.guest.invoke("list", 1_000_000) }.class, used.guest.invoke("list", 10)[0], used.point.to_a
      1_000.times { ArrayRef.filled(used.store, LONGS, 5_000, 1) }
      p used.thrown.payload, used.guest.invoke("same", 5)
    RUBY
    expect(out.lines.map(&:chomp)).to eq(
      ["Wasmtime::Error", '"GC heap out of memory"', "1", "true", "2", "20000", "Wasmtime::Error", "1", "[1, 2.5]", "[1, nil]", "5"]
    )
  end

  it "collects references of Ruby's when a guest's heap is full, so that the next call finds room" do
    out = with_references(<<~'RUBY', timeout: 60)
      used = world(Store.new(limits: { memory_size: 1 << 20 }))
      failures = 0
      call = lambda do |*arguments|
        used.guest.invoke(*arguments)
      rescue Wasmtime::Error => e
        failures += 1
        p e.message unless e.message.start_with?("GC heap out of memory")
        used.guest.invoke(*arguments)
      end
      500.times { call.("bytes", 10_000) }
      200_000.times { call.("make", 1, 2) }
      p failures < 100
    RUBY
    expect(out).to eq("true")
  end

  it "raises when a pool has no heap left" do
    out = with_references(<<~'RUBY')
      config = PoolingAllocationConfig.new
      config.total_gc_heaps = 1
      own = Engine.new(allocation_strategy: config)
      first, second = Store.new(own), Store.new(own)
      type, tag = StructType.new(own, [:i32]), Tag.new(second, [:i32])
      held = StructRef.new(first, type, [1])
      throwing = Wasmtime::Module.new(own, '(module (tag $t) (func (export "throw") (throw $t)))')
      p others(Wasmtime::Error, struct: -> { StructRef.new(second, type, [1]) }, exception: -> { tag.exception(1) }, externref: -> { Func.new(second, [:externref], []) {}.call(Object.new) },
                                internal: -> { AnyRef.from_extern(second, 1) }, guest: -> { Instance.new(second, throwing).invoke("throw") })
      p raised { StructRef.new(second, type, [1]) }.class, Func.new(second, [:anyref], [:anyref]) { |_, n| n }.call(5), held[0]
      first.close
      p StructRef.new(second, type, [3]).to_a, raised { Instance.new(second, throwing).invoke("throw") }.class
    RUBY
    expect(out.lines.map(&:chomp)).to eq(["{}", "Wasmtime::PoolExhaustedError", "5", "1", "[3]", "Wasmtime::WasmException"])
  end

  [%w[gc_support false], %w[strategy :winch]].each do |option, value|
    it "refuses types, references and tags on an engine with #{option}: #{value}, and passes nulls" do
      out = with_references(<<~RUBY)
        own = Engine.new(#{option}: #{value})
        store = Store.new(own)
        echo = ->(type) { Func.new(store, [type], [type]) { |_caller, given| given } }
        p others(Wasmtime::Error, struct: -> { StructType.new(own, [:i32]) }, array: -> { ArrayType.new(own, :i32) }, exn: -> { ExnType.new(own, []) }, tag: -> { Tag.new(store, [:i32]) },
                                  empty: -> { Tag.new(store) }, internal: -> { AnyRef.from_extern(store, 1) }, i31: -> { echo.call(:anyref).call(5) }, externref: -> { echo.call(:externref).call("x") },
                                  global: -> { Global.var(store, :i31ref, 1) }, table: -> { Table.new(store, :anyref, 1, min_size: 1) }, result: -> { Func.new(store, [], [:eqref]) { 5 }.call },
                                  results: -> { Func.new(store, [], %i[i32 externref]) { [1, "x"] }.call })
        p others(ArgumentError, struct: -> { StructRef.new(store, POINT, [1, 2]) }, foreign: -> { echo.call(POINT) })
        types = %i[anyref eqref i31ref structref arrayref exnref externref nullref nullexnref nullexternref]
        p types.map { |type| echo.call(type).call(nil) }.uniq, types.map { |type| Global.var(store, type, nil).get }.uniq, types.map { |type| Table.new(store, type, nil, min_size: 2).to_a }.uniq
        p echo.call(:v128).call(V128.i64x2(1, 2)).i64x2, store.gc
      RUBY
      expect(out.lines.map(&:chomp)).to eq(["{}", "{}", "[nil]", "[nil]", "[[nil, nil]]", "[1, 2]", "nil"])
    end
  end

  it "works on every other engine: Pulley, without proposals, with a shared memory" do
    out = with_references(<<~'RUBY', timeout: 60)
      off = { wasm_gc: false, wasm_function_references: false, wasm_exceptions: false }
      engines = [{ target: "pulley64" }, { target: "pulley64", consume_fuel: true }, { wasm_gc: false }, { wasm_exceptions: false }, off, off.merge(wasm_reference_types: false),
                 { wasm_simd: false, wasm_relaxed_simd: false }, { shared_memory: true, wasm_threads: true }, { signals_based_traps: false }, { cranelift_opt_level: :none }]
      p(engines.map do |options|
        own = Engine.new(**options)
        store = Store.new(own)
        store.set_fuel(10**9) if options[:consume_fuel]
        made = StructRef.new(store, StructType.new(own, [FieldType.var(:i32), :v128, :externref, :anyref]), [1, V128.i32x4(1, 2, 3, 4), "text", 5])
        thrown = Tag.new(store, [:i32]).exception(3)
        [made.to_a.inspect, Func.new(store, [:anyref], [:anyref]) { |_caller, given| given }.call(made) == made, raised { Func.new(store, [], []) { raise thrown }.call }.equal?(thrown),
         ArrayRef.new(store, ArrayType.new(own, :anyref), [made, made])[1] == made]
      end.uniq)
      own = Engine.new(target: "pulley64")
      blocks = [-> { raise $pulley["tag"].exception(1, "a") }]
      $pulley = Linker.new(own).tap { |l| l.func_new("h", "f", [], []) { blocks.first.call } }.instantiate(Store.new(own), Wasmtime::Module.new(own, GUEST_TEXT))
      made = $pulley.invoke("make", 3, 4)
      p $pulley.invoke("first", made), $pulley.invoke("vector", V128.i64x2(1, -1)).i64x2, $pulley.invoke("catch"), raised { $pulley.invoke("throw", 1, "b") }.payload, $pulley.invoke("list", 1_000)[0]
    RUBY
    expect(out.lines.map(&:chomp)).to eq(
      ['[["[1, #<Wasmtime::V128 i32x4 0x00000001 0x00000002 0x00000003 0x00000004>, \\"text\\", 5]", true, true, true]]', "3", "[1, -1]", '[1, "a"]', '[1, "b"]', "1"]
    )
  end

  it "never makes an object without its native half" do
    out = with_references(<<~'RUBY')
      used = world
      objects = [*used.references.values, used.tag, POINT, BYTES, used.exn.type, GUEST.exports.find { |e| e.name == "call" }.type.params[0].type, V128.new("a" * 16)]
      p(objects.map do |object|
        kind = object.class
        [-> { kind.allocate }, -> { object.dup }, -> { object.clone }, -> { object.clone(freeze: true) }, -> { Marshal.dump(object) }, -> { Class.new(kind).allocate }, -> { kind.new }, -> { Class.new(kind).new }].map { |call| raised(&call).class }
      end.flatten.uniq.sort_by(&:name))
      p [Reference, HeapType].map { |kind| [raised { kind.new }.class, raised { kind.allocate }.class] }
      p others(TypeError, exn: -> { ExnRef.instance_method(:payload).bind_call(used.point) }, tag: -> { ExnRef.instance_method(:tag).bind_call(used.point) }, struct: -> { StructRef.instance_method(:[]).bind_call(used.exn, 0) },
                          array: -> { ArrayRef.instance_method(:[]=).bind_call(used.point, 0, 1) }, any: -> { ExternRef.instance_method(:to_any).bind_call(used.point) },
                          extern: -> { AnyRef.instance_method(:to_extern).bind_call(used.exn) })
      p others(TypeError, StandardError, copy: -> { used.point.send(:initialize_copy, used.bytes); raise TypeError }, exception: -> { Marshal.dump(used.thrown) })
      p used.point.frozen?, used.point.freeze.inspect, used.point.hash == used.point.hash, used.point.object_id == used.point.object_id, ObjectSpace.memsize_of(used.point) > 40
      ObjectSpace.each_object(Reference, &:inspect)
      ObjectSpace.each_object(HeapType, &:inspect)
    RUBY
    lines = out.lines.map(&:chomp)
    expect(lines[0]).to eq("[ArgumentError, TypeError]")
    expect(lines[1..]).to eq(["[[TypeError, TypeError], [TypeError, TypeError]]", "{}", "{}", "false", '"#<Wasmtime::StructRef (struct (field (mut i32)) (field f64))>"', "true", "true", "true"])
  end

  it "goes through cycles, long lists and deep nesting" do
    out = with_references(<<~'RUBY', timeout: 60)
      used = world
      node = used.guest.invoke("node", 1, nil)
      node[1] = node
      p node == node[1][1][1], node.inspect, node.to_a.last == node
      list = used.guest.invoke("list", 100_000)
      50_000.times { list = list[1] }
      p list[0]
      list = nil
      GC.start
      used.store.gc
      deep = nil
      10_000.times { |n| deep = StructRef.new(used.store, PAIR, [deep, n]) }
      p deep[0][0][1], deep.type == PAIR
      array = ArrayRef.new(used.store, ANYS, [nil])
      array[0] = array
      p array[0][0] == array, array.inspect, array.to_a.size
      box = StructRef.new(used.store, BOX, [nil])
      box[0] = box
      p box[0].equal?(box), box.to_a.size
      wrapped = 1_000.times.inject(used.point) { |inner, _| AnyRef.from_extern(used.store, used.guest.invoke("out", inner)) }
      p wrapped == used.point
    RUBY
    expect(out.lines.map(&:chomp)).to eq(
      ["true", '"#<Wasmtime::StructRef (struct (field (mut i32)) (field (mut (ref null $struct))))>"', "true", "50001", "9997", "true", "true", '"#<Wasmtime::ArrayRef (array (mut anyref))>"', "1",
       "true", "1", "true"]
    )
  end

  it "fills in what is missing where there is a default, and says where there is none" do
    out = with_references(<<~'RUBY')
      store = Store.new
      kinds = ["(global anyref)", "(global (ref null $s))", "(global (mut v128))", "(global exnref)", "(table 2 anyref)", "(table 1 exnref)", "(func (result (ref null $s) anyref exnref v128))", "(tag (param i32))",
               "(global (ref any))", "(global (ref $s))", "(table 2 (ref $s))", "(func (result (ref $s)))", "(func (result (ref i31)))", "(global (ref exn))"]
      p(kinds.map do |kind|
        mod = compile(%((module (type $s (struct)) (import "a" "b" #{kind}))))
        raised { Linker.new.tap { |l| l.define_unknown_imports_as_default_values(store, mod) }.instantiate(store, mod) }.then { |e| e == "nothing" ? :made : e.message[/has no default value|no default value exists/] }
      end)
      mod = compile('(module (type $s (struct)) (import "a" "f" (func (param (ref $s)) (result (ref $s)))) (export "f" (func 0)))')
      guest = Linker.new.tap { |l| l.define_unknown_imports_as_traps(mod) }.instantiate(store, mod)
      p raised { guest.invoke("f", StructRef.new(store, StructType.new(engine, []), [])) }.message
    RUBY
    made = out.lines.first
    expect([made.scan(":made").size, made.scan("no default value exists").size]).to eq([8, 6])
    expect(out.lines.last).to include("unknown import: `a::f` has not been defined")
  end
end
