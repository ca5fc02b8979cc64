# frozen_string_literal: true

# Ruby's collector and the guest's together: what either holds stays, what neither holds goes.
RSpec.describe "Reference GC hazards" do
  def with_references(code, **options) = apart("#{References::PRELUDE}\n#{code}", **options)

  # What is made a million times, half a million or fewer; the whole is flat.
  {
    "structs that Ruby makes" => [1_000_000, "StructRef.new(store, POINT, [n, 2.5])"],
    "structs that hold host objects" => [300_000, "StructRef.new(store, BOX, [Object.new])"],
    "arrays that Ruby makes" => [500_000, "ArrayRef.filled(store, BYTES, 100, n & 255)"],
    "large arrays that Ruby makes" => [20_000, "ArrayRef.filled(store, BYTES, 50_000, n & 255)"],
    "exceptions as values" => [300_000, "ExnRef.new(store, used.tag, [n & 255, 'text'])"],
    "structs that the guest makes" => [1_000_000, "guest.invoke('make', n, 2.5)"],
    "lists that the guest makes" => [2_000, "guest.invoke('list', 10_000)"],
    "large arrays that the guest makes" => [20_000, "guest.invoke('bytes', 50_000)"],
    "fields that are read and set" => [500_000, "used.point[0] = n; used.point[1]; pair[0] = used.point; pair[0]"],
    "comparisons and types" => [300_000, "used.point == pair; pair.type; pair.matches?(PAIR)"],
    "externs that are made internal, and back" => [300_000, "guest.invoke('in', Object.new).to_extern; guest.invoke('out', pair).to_any"],
    "exceptions that the guest throws" => [100_000, "raised { guest.invoke('throw', n, 'text') }"],
    "exceptions that the guest catches" => [100_000, "guest.invoke('catch')"],
    "exceptions that the guest catches whole" => [100_000, "guest.invoke('catch_ref')"],
    "exceptions that pass through" => [100_000, "raised { guest.invoke('rethrow') }"],
    "exceptions that are refused" => [100_000, "raised { used.tag.exception(1) }; raised { used.tag.exception('x', 1) }"],
    "vectors" => [500_000, "guest.invoke('vector', V128.new('0123456789abcdef'))"],
    "types" => [100_000, "StructType.new(engine, [FieldType.var(BYTES), :i32]).fields; GUEST.exports.each(&:type) if n % 100 == 0"]
  }.each do |what, (count, code)|
    it "does not grow by #{what}, #{count} times" do
      out = with_references(<<~RUBY, timeout: 100)
        used = world
        store, guest = used.store, used.guest
        pair = StructRef.new(store, PAIR, [nil, 1])
        used.block = -> { raise used.thrown(1, "text") }
        run = ->(times) { apart { times.times { |n| #{code} }; nil } }
        run.(#{count / 4})
        GC.start
        store.gc
        before, handles = rss, Wasmtime._live_handles
        run.(#{count})
        GC.start
        grown = rss - before
        puts grown < 40 ? "flat" : "grew by \#{grown.round} MiB"
        puts eventually { store.gc; Wasmtime._live_handles.all? { |kind, number| number <= handles.fetch(kind, 0) } }, used.point[1], used.exn.payload.inspect
      RUBY
      expect(out.lines.map(&:chomp)).to eq(["flat", "true", "2.5", '[7, "seven"]'])
    end
  end

  it "keeps what a few references point to while the guest allocates a million" do
    out = with_references(<<~'RUBY', timeout: 60)
      used = world
      kept = Array.new(100) { |n| StructRef.new(used.store, PAIR, [StructRef.new(used.store, POINT, [n, n]), n]) }
      used.guest["any"].set(ArrayRef.new(used.store, ANYS, kept.first(10)))
      used.guest["anys"].set(2, used.internal)
      10.times { used.guest.invoke("list", 100_000); GC.start; GC.compact; used.store.gc }
      p kept.each_with_index.all? { |pair, n| pair[1] == n && pair[0].to_a == [n, n.to_f] }
      p used.guest["any"].get.to_a == kept.first(10), used.guest["anys"].get(2) == used.internal, used.external.to_any == used.point, used.exn.payload
    RUBY
    expect(out.lines.map(&:chomp)).to eq(["true", "true", "true", "true", '[7, "seven"]'])
  end

  it "keeps a host object while a struct, an array, an exception or an internal reference holds it, and lets it go after" do
    out = with_references(<<~'RUBY', timeout: 60)
      used = world
      collected = Hash.new(0)
      counting = ->(kind) { proc { collected[kind] += 1 } }
      object = ->(kind) { Object.new.tap { |o| ObjectSpace.define_finalizer(o, counting.(kind)) } }
      holders = {
        struct: ->(o) { StructRef.new(used.store, BOX, [o]) }, array: ->(o) { ArrayRef.new(used.store, ArrayType.new(engine, FieldType.var(:externref)), [o]) },
        exn: ->(o) { ExnRef.new(used.store, used.tag, [1, o]) }, internal: ->(o) { AnyRef.from_extern(used.store, o) }, exception: ->(o) { used.thrown(1, o) },
        nested: ->(o) { StructRef.new(used.store, PAIR, [StructRef.new(used.store, PAIR, [AnyRef.from_extern(used.store, o), 1]), 2]) }
      }
      held = apart { holders.to_h { |kind, make| [kind, Array.new(20) { make.(object.(kind)) }] } }
      3.times { GC.start; used.store.gc }
      GC.compact
      p collected
      p held[:struct][3][0].class, held[:array][3][0].class, held[:exn][3].payload[1].class, held[:internal][3].to_extern.class, held[:exception][3].payload[1].class, held[:nested][3][0][0].to_extern.class
      held = nil
      p eventually { used.store.gc; used.guest.invoke("same", nil); holders.keys.all? { |kind| collected[kind] >= 19 } } || collected
    RUBY
    expect(out.lines.map(&:chomp)).to eq(["{}", *["Object"] * 6, "true"])
  end

  it "lets go of what host blocks threw, but for a few" do
    out = with_references(<<~'RUBY', timeout: 60)
      used = world
      collected = 0
      count = proc { collected += 1 }
      apart do
        60.times do
          used.block = lambda do
            object = Object.new
            ObjectSpace.define_finalizer(object, count)
            raise used.thrown(1, object)
          end
          used.guest.invoke("catch_all")
        end
        used.block = nil
      end
      p eventually { used.store.gc; used.guest.invoke("same", nil); collected >= 40 } || collected
    RUBY
    expect(out).to eq("true")
  end

  it "keeps the store while only a reference, a tag or an exception of it is held, and collects it after" do
    out = with_references(<<~'RUBY')
      held = apart { Array.new(10) { world.then { |w| [w.point, w.bytes, w.exn, w.internal, w.external, w.tag, w.thrown(1, "kept")][rand(7)].then { |one| [one, w.point] } } } }
      apart { 5.times { GC.start } && nil }
      GC.compact
      p live, held.map { |_, point| point.to_a }.uniq, held.map { |one, _| one.inspect[/StoreClosed|collected/] }.uniq
      held = nil
      p eventually { live.zero? } || Wasmtime._live_handles
      tags = apart { Array.new(10) { world.thrown(1, "kept") } }
      apart { 5.times { GC.start } && nil }
      p live, tags.map { |thrown| thrown.exnref.payload }.uniq, tags.map { |thrown| raised { raise thrown.tag, [] }.class }.uniq
      tags = nil
      p eventually { live.zero? } || Wasmtime._live_handles
    RUBY
    expect(out.lines.map(&:chomp)).to eq(["10", "[[1, 2.5]]", "[nil]", "true", "10", '[[1, "kept"]]', "[ArgumentError]", "true"])
  end

  it "collects stores whose guests hold Ruby objects that hold the guests' references" do
    out = with_references(<<~'RUBY')
      apart do
        20.times do
          used = world
          box = StructRef.new(used.store, BOX, [nil])
          box[0] = [used, box, used.thrown(1, box)]
          used.guest["any"].set(box)
          used.guest["exn"].set(used.thrown(2, used).exnref)
          used.store.data = used.exn
          used.block = -> { raise used.thrown(3, used) }
          used.guest.invoke("catch_all")
        end
        nil
      end
      p eventually { live.zero? && live(:Linker).zero? } || Wasmtime._live_handles
    RUBY
    expect(out).to eq("true")
  end

  it "collects a store whose async call nobody finished, with what the call was given" do
    out = with_references(<<~'RUBY')
      apart do
        20.times { world.then { |used| used.guest.invoke_async("same", used.point) } }
        20.times { Linker.new(engine).tap { |l| l.func_new_async("h", "f", [], []) {} }.instantiate_async(Store.new, GUEST).poll }
        nil
      end
      p eventually { live.zero? } || live
    RUBY
    expect(out).to eq("true")
  end

  it "keeps a type while only it is held, and its engine with it" do
    out = with_references(<<~'RUBY')
      types = apart do
        own = Engine.new(consume_fuel: true)
        mod = Wasmtime::Module.new(own, '(module (type $f (func (param i32))) (type $s (struct (field (ref $f)))) (func (export "f") (param (ref $f) (ref $s))))')
        [StructType.new(own, [:i32, ArrayType.new(own, :i8)]), ExnType.new(own, [:i64]), *mod.exports[0].type.params.map(&:type)]
      end
      5.times { GC.start }
      p types.map(&:to_s), types[0].fields[1].type.type.element.type
      types = nil
      p eventually { live(:Engine) == 1 }
    RUBY
    expect(out.lines.map(&:chomp)).to eq(
      ['["(struct (field i32) (field (ref null $array)))", "(exn i64)", "(func (param i32))", "(struct (field (ref $func)))"]', ":i8", "true"]
    )
  end

  %w[GC.stress=true GC.auto_compact=true].each do |setting|
    it "gives the same values under #{setting}, of every kind of reference" do
      out = with_references(<<~RUBY, timeout: 100)
        used = world
        thrown = used.thrown(5, "stress")
        used.block = -> { raise thrown }
        #{setting}
        3.times do |n|
          point = StructRef.new(used.store, PAIR, [StructRef.new(used.store, POINT, [n, n]), n])
          raise "struct" unless point[0].to_a == [n, n.to_f] && point[1] == n && used.guest.invoke("same", point) == point
          array = ArrayRef.new(used.store, ANYS, [point, nil, n, used.bytes])
          raise "array" unless array.to_a[0] == point && array[2] == n && array[3].to_a == [1, 2, 255]
          raise "exn" unless ExnRef.new(used.store, used.tag, [n, "text \#{n}"]).payload == [n, "text \#{n}"]
          raise "extern" unless AnyRef.from_extern(used.store, "o\#{n}").to_extern == "o\#{n}" && used.guest.invoke("out", point).to_any == point
          raise "types" unless StructType.new(engine, [FieldType.var(:i32), :f64]) == POINT && point.type == PAIR && used.guest["make"].type.results[0].type == POINT
          raise "vector" unless used.guest.invoke("vector", V128.i32x4(n, 1, 2, 3)).i32x4 == [n, 1, 2, 3]
          raise "caught" unless used.guest.invoke("catch") == [5, "stress"] && used.guest.invoke("catch_ref").payload == [5, "stress"]
          raise "thrown" unless raised { used.guest.invoke("throw", n, "out \#{n}") }.payload == [n, "out \#{n}"] && raised { used.guest.invoke("run") }.equal?(thrown)
          raise "payload" unless used.tag.exception(n, array).payload[1].equal?(array)
          raise "cells" unless Global.var(used.store, PAIR, point).get == point && Table.new(used.store, PAIR, point, min_size: 2).to_a == [point, point]
          raise "results" unless Func.new(used.store, [], %i[anyref i32 externref exnref]) { [point, n, "r", used.exn] }.call.then { |a, b, c, d| a == point && b == n && c == "r" && d == used.exn }
        end
        GC.stress = false
        puts "same"
      RUBY
      expect(out).to eq("same")
    end
  end

  it "verifies: moving the whole heap disturbs no reference, and no write is hidden from Ruby's collector" do
    out = with_references(<<~'RUBY', timeout: 60)
      used = world
      thrown = used.thrown(5, "moved")
      boxes = Array.new(50) { |n| StructRef.new(used.store, BOX, ["text #{n}"]) }
      used.block = -> { raise thrown }
      3.times do
        GC.verify_compaction_references(double_heap: true, toward: :empty)
        raise "boxes" unless boxes.each_with_index.all? { |box, n| box[0] == "text #{n}" }
        raise "catch" unless used.guest.invoke("catch") == [5, "moved"] && raised { used.guest.invoke("run") }.equal?(thrown)
        raise "types" unless POINT == used.point.type && used.point.to_a == [1, 2.5]
      end
      4.times { GC.start }
      boxes.each { |box| box[0] = Object.new }
      raised { used.guest.invoke("run") }
      GC.verify_internal_consistency
      GC.start(full_mark: false)
      GC.verify_internal_consistency
      p boxes.map { |box| box[0].class }.uniq
    RUBY
    expect(out).to eq("[Object]")
  end

  it "frees references, tags, types and exceptions in any order when the process ends" do
    out = with_references(<<~'RUBY')
      $kept = Array.new(20) { world.then { |w| [w.point, w.exn, w.thrown(1, w), w.tag, StructType.new(engine, [:i64]), V128.new("a" * 16), w] }.shuffle }
      $kept.flatten.grep(World).first(5).each { |w| w.store.close }
      at_exit { p $kept.flatten.grep(StructRef).map { |point| raised { point.to_a }.class }.tally }
    RUBY
    expect(out).to eq("{Wasmtime::StoreClosedError=>5, String=>15}").or eq("{String=>15, Wasmtime::StoreClosedError=>5}")
  end
end
