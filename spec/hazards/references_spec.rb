# frozen_string_literal: true

# Whose references are: every way in which C aborts when a reference, a tag or a type is used where it does not belong.
RSpec.describe "Reference hazards" do
  def with_references(code, **options) = apart("#{References::PRELUDE}\n#{code}", **options)

  it "refuses a reference of another store wherever values go in" do
    out = with_references(<<~'RUBY')
      mine, theirs = world, world
      store, guest = mine.store, mine.guest
      func = ->(type, value) { Func.new(store, [], [type]) { value }.call }
      calls = {
        param: -> { guest.invoke("same", theirs.point) }, concrete: -> { guest.invoke("first", theirs.point) }, array: -> { guest.invoke("same", theirs.bytes) },
        internal: -> { guest.invoke("same", theirs.internal) }, exn: -> { guest.invoke("same_exn", theirs.exn) }, throw_ref: -> { guest.invoke("throw_ref", theirs.exn) },
        checked: -> { guest.invoke("in", theirs.external) }, func: -> { guest.invoke("call", theirs.guest["inc"]) },
        field: -> { StructRef.new(store, PAIR, [theirs.point, 1]) }, set_field: -> { StructRef.new(store, PAIR, [nil, 1])[0] = theirs.point },
        element: -> { ArrayRef.new(store, ANYS, [theirs.point]) }, filled: -> { ArrayRef.filled(store, ANYS, 3, theirs.bytes) },
        set_element: -> { ArrayRef.new(store, ANYS, [nil])[0] = theirs.point }, payload: -> { Tag.new(store, [:anyref]).exception(theirs.point) },
        exn_payload: -> { Tag.new(store, [:exnref]).exception(theirs.exn) }, global: -> { guest["any"].set(theirs.point) }, exn_global: -> { guest["exn"].set(theirs.exn) },
        new_global: -> { Global.var(store, :anyref, theirs.point) }, new_concrete_global: -> { Global.var(store, POINT, theirs.point) }, table: -> { guest["anys"].set(0, theirs.point) },
        grow: -> { guest["anys"].grow(1, theirs.point) }, new_table: -> { Table.new(store, :anyref, theirs.point, min_size: 1) },
        exns: -> { guest["exns"].set(0, theirs.exn) }, result: -> { func.call(:anyref, theirs.point) }, exn_result: -> { func.call(:exnref, theirs.exn) },
        concrete_result: -> { func.call(POINT, theirs.point) }, results: -> { Func.new(store, [], %i[i32 anyref]) { [1, theirs.point] }.call }
      }
      p others(Wasmtime::Error, calls), calls.values.map { |call| raised(&call).message[/belongs to another store/] }.uniq
      tags = { exn: -> { ExnRef.new(store, theirs.tag, [1, 2]) }, define: -> { Linker.new.define(store, "a", "t", theirs.tag) },
               import: -> { Instance.new(store, compile('(module (import "a" "t" (tag (param i32 externref))))'), [theirs.tag]) } }
      p others(StoreError, tags), mine.tag == theirs.tag, mine.point == theirs.point, guest.invoke("first", mine.point)
    RUBY
    expect(out.lines.map(&:chomp)).to eq(["{}", '["belongs to another store"]', "{}", "false", "false", "1"])
  end

  it "keeps a host object that is a reference of another store, as any other object, in an externref" do
    out = with_references(<<~'RUBY')
      mine, theirs = world, world
      [theirs.point, theirs.bytes, theirs.exn, theirs.internal, theirs.tag, theirs.store].each do |object|
        p object.class, mine.guest.invoke("same_extern", object).equal?(object), AnyRef.from_extern(mine.store, object).to_extern.equal?(object),
          mine.guest.invoke("in", object).to_extern.equal?(object), StructRef.new(mine.store, BOX, [object])[0].equal?(object)
      end
    RUBY
    expect(out.lines.map(&:chomp).each_slice(5).to_h { |name, *same| [name, same.uniq] }.values.uniq).to eq([["true"]])
  end

  it "treats an externref of another store the same way, whether or not Wasmtime checks the call" do
    out = with_references(<<~'RUBY')
      mine, theirs = world, world
      p [-> { mine.guest.invoke("same_extern", theirs.external) }, -> { mine.guest.invoke("in", theirs.external) }, -> { AnyRef.from_extern(mine.store, theirs.external) },
         -> { StructRef.new(mine.store, BOX, [theirs.external]) }].map { |call| raised(&call).class }.uniq
    RUBY
    expect(out).to eq("[Wasmtime::Error]")
  end

  it "refuses a type of another engine wherever types go in" do
    out = with_references(<<~'RUBY')
      other = Engine.new(consume_fuel: true)
      store = Store.new(other)
      types = { struct: POINT, array: BYTES, exn: ExnType.new(engine, [:i32]), func: GUEST.exports.find { |e| e.name == "call" }.type.params[0] }
      wrong = types.flat_map do |name, type|
        linker = Linker.new(other)
        others(ArgumentError, {
          params: -> { Func.new(store, [type], []) {} }, results: -> { Func.new(store, [], [type]) {} }, table: -> { Table.new(store, type, nil, min_size: 1) },
          table64: -> { Table.new(store, type, nil, min_size: 1, table64: true) }, global: -> { Global.var(store, type, nil) }, const: -> { Global.const(store, type, nil) },
          tag: -> { Tag.new(store, [type]) }, tag_type: -> { Tag.new(store, TagType.new([type])) }, field: -> { StructType.new(other, [type]) },
          mutable: -> { StructType.new(other, [FieldType.var(type)]) }, element: -> { ArrayType.new(other, type) }, payload: -> { ExnType.new(other, [type]) },
          linker: -> { linker.func_new("a", "b", [type], []) {} }, linker_result: -> { linker.func_new("a", "b", [], [type]) {} },
          async: -> { linker.func_new_async("a", "b", [type], []) {} }
        }).map { |call, error| [name, call, error] }
      end
      p wrong, others(ArgumentError, struct: -> { StructRef.new(store, POINT, [1, 2]) }, array: -> { ArrayRef.new(store, BYTES, [1]) }, filled: -> { ArrayRef.filled(store, BYTES, 1, 1) })
      twin = StructType.new(other, [FieldType.var(:i32), :f64])
      p [twin == POINT, POINT == twin, POINT.subtype_of?(twin), twin.subtype_of?(POINT), twin.hash == POINT.hash, world.point.matches?(twin), { POINT => 1 }[twin]]
    RUBY
    expect(out.lines.map(&:chomp)).to eq(["[]", "{}", "[false, false, false, false, true, false, nil]"])
  end

  it "refuses everything of a closed store, and what would use it" do
    out = with_references(<<~'RUBY')
      mine, living = world, world
      thrown = mine.thrown(1, "text")
      mine.store.close
      wrong = mine.references.merge(tag: mine.tag).flat_map { |name, object| others(StoreClosedError, TypeError, ConversionError, calls_of(object, except: %i[store == eql? hash inspect to_tag])).map { |call, error| [name, call, error] } }
      p wrong, mine.references.values.map { |reference| (raised { reference == reference.store }) }.uniq, mine.references.values.map(&:inspect).grep_v(/StoreClosedError/)
      store = mine.store
      p others(StoreClosedError, struct: -> { StructRef.new(store, POINT, [1, 2]) }, array: -> { ArrayRef.new(store, BYTES, [1]) }, tag: -> { Tag.new(store, [:i32]) },
                                 exn: -> { ExnRef.new(store, mine.tag, [1, 2]) }, internal: -> { AnyRef.from_extern(store, 1) }, exception: -> { mine.thrown })
      p mine.references.values.map { |reference| raised { reference == reference.dup }.class }.uniq
      p thrown.payload, thrown.message[/\[.*/], thrown.frames, thrown.tag.inspect
      living.block = -> { raise thrown }
      p raised { living.guest.invoke("catch_all") }.equal?(thrown), raised { living.guest.invoke("same", mine.point) }.message[/another store/]
    RUBY
    lines = out.lines.map(&:chomp)
    expect(lines[0..3]).to eq(["[]", '["nothing"]', "[]", "{}"])
    expect(lines[5..]).to eq(['[1, "text"]', '"[1, \\"text\\"]"', "[]", '"#<Wasmtime::Tag (store closed)>"', "true", '"another store"'])
  end

  it "raises when a conversion closes the store it is for" do
    out = with_references(<<~'RUBY')
      Closing = ::Struct.new(:store, :value) { def to_int = store.close && value || value }
      made = ->(&work) { store = Store.new; raised { work.call(store, Closing.new(store, 1)) }.class }
      p [made.call { |s, c| StructRef.new(s, POINT, [c, 2.0]) }, made.call { |s, c| ArrayRef.filled(s, BYTES, c, 2) }, made.call { |s, c| ArrayRef.filled(s, BYTES, 2, c) },
         made.call { |s, c| ArrayRef.new(s, BYTES, [1, c]) }, made.call { |s, c| ArrayRef.new(s, BYTES, [1])[0] = c }, made.call { |s, c| ArrayRef.new(s, BYTES, [1, 2])[c] = 1 },
         made.call { |s, c| ArrayRef.new(s, BYTES, [1, 2])[c] }, made.call { |s, c| StructRef.new(s, POINT, [1, 2])[c] }, made.call { |s, c| Tag.new(s, [:i32]).exception(c) },
         made.call { |s, c| ArrayRef.new(s, BYTES, [1, 2]).each { s.close } }, made.call { |s, c| Func.new(s, [:anyref, :i32], []) {}.call(StructRef.new(s, POINT, [1, 2]), c) }].uniq
    RUBY
    expect(out).to eq("[Wasmtime::StoreClosedError]")
  end

  it "makes structs and exceptions of the values that were given, though a conversion changes their Array" do
    out = with_references(<<~'RUBY')
      store = Store.new
      tag = Tag.new(store, %i[anyref externref i32])
      type = StructType.new(engine, %i[anyref externref i32])
      Emptying = ::Struct.new(:values, :store) do
        def to_int
          values.clear
          3.times { GC.start }
          store.gc
          50.times { StructRef.new(store, POINT, [-1, 0]) }
          100.times { "other text" * 50 }
          3
        end
      end
      made = [->(values) { StructRef.new(store, type, values).to_a }, ->(values) { ExnRef.new(store, tag, values).payload }]
      wrong = Array.new(20) do |n|
        values = []
        apart { values.push(StructRef.new(store, POINT, [n, 0]), "text #{n} " * 20, Emptying.new(values, store)); nil }
        point, text, number = made[n % 2].call(values)
        [n, point, text, number] unless point.is_a?(StructRef) && point[0] == n && text == "text #{n} " * 20 && number == 3
      rescue StandardError => e
        [n, e]
      end
      p wrong.compact
    RUBY
    expect(out).to eq("[]")
  end

  it "refuses everything of a store that another thread is using, with and without the GVL" do
    out = with_references(<<~'RUBY')
      used = world
      inside, done = Queue.new, Queue.new
      used.block = -> { inside << true; done.pop }
      spinning = build('(module (func (export "spin") (loop $l br $l)))', store: used.store)
      check = lambda do
        store = used.store
        wrong = used.references.merge(tag: used.tag).flat_map { |name, object| others(StoreBusyError, TypeError, ConversionError, calls_of(object, except: %i[store == eql? hash inspect to_tag])).map { |call, error| [name, call, error] } }
        twins = others(StoreBusyError, same: -> { used.point == used.bytes }, struct: -> { StructRef.new(store, POINT, [1, 2]) }, array: -> { ArrayRef.new(store, BYTES, [1]) },
                                       exn: -> { ExnRef.new(store, used.tag, [1, 2]) }, internal: -> { AnyRef.from_extern(store, 1) }, exception: -> { used.thrown }, tag: -> { Tag.new(store, []) })
        [wrong, twins, used.references.values.map(&:inspect).grep_v(/StoreBusyError/), POINT.fields.size]
      end
      thread = Thread.new { used.guest.invoke("run") }
      inside.pop
      p check.call
      done << true
      thread.join
      thread = Thread.new { raised { spinning.invoke("spin", gvl: :release) } }
      sleep 0.1
      p check.call
      apart { 1_000.times { POINT.to_val_type.type.fields }; nil }
      GC.start
      thread.kill.join
      p used.point.to_a, used.exn.payload
    RUBY
    expect(out.lines.map(&:chomp)).to eq(["[[], {}, [], 2]", "[[], {}, [], 2]", "[1, 2.5]", '[7, "seven"]'])
  end

  it "uses references of its store in a host block, with several threads taking turns" do
    out = with_references(<<~'RUBY')
      used = world(Store.new(gvl: :release))
      used.block = -> { 20.times { |n| used.point[0] = n; ArrayRef.new(used.store, ANYS, [used.point, n, nil]).to_a; GC.start if n == 10; used.store.gc } }
      4.times.map { Thread.new { 10.times { raised { used.guest.invoke("run") } } } }.each(&:join)
      4.times.map { Thread.new { 200.times { raised { used.guest.invoke("same", used.point) }; raised { StructRef.new(used.store, POINT, [1, 2]) } } } }.each(&:join)
      p used.guest.invoke("first", used.point), used.bytes.to_a
    RUBY
    expect(out.lines.map(&:chomp)).to eq(["19", "[1, 2, 255]"])
  end

  it "refuses references while an async call is under way, and keeps those it was given" do
    out = with_references(<<~'RUBY')
      used = world
      linker = Linker.new(engine)
      linker.func_new_async("h", "f", [], []) { used.run }
      guest = linker.instantiate_async(used.store, GUEST).value
      future = apart { guest.invoke_async("same", StructRef.new(used.store, POINT, [41, 0])) }
      p others(StoreBusyError, get: -> { used.point[0] }, make: -> { StructRef.new(used.store, POINT, [1, 2]) }, exception: -> { used.thrown }, same: -> { used.point == used.point.itself && used.point == used.bytes })
      3.times { GC.start }
      p future.value.to_a
      used.block = -> { 100.times { StructRef.new(used.store, POINT, [1, 2]) }; GC.start; used.store.gc; GC.compact; raise guest["tag"].exception(9, "thrown") }
      p guest.invoke_async("catch").value, guest.invoke_async("catch_all").value, raised { guest.invoke_async("run").value }.payload
      guest.invoke_async("catch").tap { |left| left.cancel }
      p used.point.to_a
    RUBY
    expect(out.lines.map(&:chomp)).to eq(["{}", "[41, 0.0]", '[9, "thrown"]', "1", '[9, "thrown"]', "[1, 2.5]"])
  end
end
