# frozen_string_literal: true

# What the specs about references and exceptions share, in their own process and in subprocesses.
module References
  # Makes, takes and gives references of every kind, and throws and catches; `f` is the host block.
  GUEST = <<~WAT
    (module
      (import "h" "f" (func $f))
      (type $point (struct (field (mut i32)) (field f64)))
      (type $node (struct (field (mut i32)) (field (mut (ref null $node)))))
      (type $unary (func (param i32) (result i32)))
      (type $bytes (array (mut i8)))
      (tag $t (export "tag") (param i32 externref))
      (global (export "any") (mut anyref) (ref.null any))
      (global (export "exn") (mut exnref) (ref.null exn))
      (table (export "anys") 4 100 anyref) (table (export "exns") 4 100 exnref)
      (func $inc (export "inc") (type $unary) (i32.add (local.get 0) (i32.const 1)))
      (func (export "make") (param i32 f64) (result (ref $point)) (struct.new $point (local.get 0) (local.get 1)))
      (func (export "first") (param (ref null $point)) (result i32) (struct.get $point 0 (local.get 0)))
      (func (export "bytes") (param i32) (result (ref $bytes)) (array.new_default $bytes (local.get 0)))
      (func (export "node") (param i32 (ref null $node)) (result (ref $node)) (struct.new $node (local.get 0) (local.get 1)))
      (func (export "list") (param i32) (result (ref null $node)) (local $list (ref null $node))
        (loop $again (local.set $list (struct.new $node (local.get 0) (local.get $list)))
          (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
        (local.get $list))
      (func (export "call") (param (ref null $unary)) (result i32) (call_ref $unary (i32.const 1) (local.get 0)))
      (func (export "unary") (result (ref $unary)) (ref.func $inc))
      (func (export "same") (param anyref) (result anyref) (local.get 0))
      (func (export "same_exn") (param exnref) (result exnref) (local.get 0))
      (func (export "same_extern") (param externref) (result externref) (local.get 0))
      (func (export "vector") (param v128) (result v128) (local.get 0))
      (func (export "out") (param anyref) (result externref) (extern.convert_any (local.get 0)))
      (func (export "in") (param externref) (result anyref) (any.convert_extern (local.get 0)))
      (func (export "throw") (param i32 externref) (throw $t (local.get 0) (local.get 1)))
      (func (export "throw_ref") (param exnref) (throw_ref (local.get 0)))
      (func (export "run") (call $f))
      (func (export "catch") (result i32 externref)
        (block $caught (result i32 externref) (try_table (catch $t $caught) (call $f)) (i32.const -1) (ref.null extern)))
      (func (export "catch_all") (result i32) (block $caught (try_table (catch_all $caught) (call $f)) (return (i32.const 0))) (i32.const 1))
      (func (export "catch_ref") (result exnref)
        (block $caught (result exnref) (try_table (catch_all_ref $caught) (call $f)) (ref.null exn)))
      (func (export "rethrow") (block $caught (result exnref) (try_table (catch_all_ref $caught) (call $f)) (return)) (throw_ref))
      (func (export "retry") (loop $again (block $caught (try_table (catch_all $caught) (call $f))) (br $again))))
  WAT

  # Scenarios for {Leaks}, after {setup}.
  SCENARIOS = {
    "references of a store each" => [
      "s = Wasmtime::Store.new; t = Wasmtime::Tag.new(s, [:anyref]); t.exception(Wasmtime::StructRef.new(s, point, [1, 2]))",
      5_000
    ],
    "references that go in and out" => "heap.invoke('first', heap.invoke('make', 1, 2)); heap.invoke('bytes', 10).to_a; heap.invoke('list', 10)[1]",
    "externs that become internal, and back" => "heap.invoke('in', Object.new).to_extern; heap.invoke('out', heap.invoke('make', 1, 2)).to_any",
    "references in globals and tables" =>
      "heap['any'].set(heap.invoke('make', 1, 2)); heap['anys'].set(1, heap['any'].get); heap['exns'].set(1, thrown.exnref)",
    "fields that hold host objects" => "box[0] = Object.new; box.to_a; box == box.itself",
    "values that fit no reference" =>
      "raised { heap.invoke('first', box) }; raised { Wasmtime::StructRef.new(heap.store, point, ['x', box]) }; raised { box[7] }",
    "types of references" => "box.type.fields; heap['make'].type.results[0].type == point; heap['call'].params",
    "exceptions that Ruby makes" =>
      "thrown.tag.exception(1, Object.new); raised { thrown.tag.exception('x', 1) }; raised { thrown.tag.exception }",
    "exceptions that the guest throws" => "raised { heap.invoke('throw', 1, Object.new) }; raised { heap.invoke('throw_ref', thrown.exnref) }",
    "exceptions that the guest catches" => "heap.invoke('catch'); heap.invoke('catch_all'); heap.invoke('catch_ref').payload",
    "exceptions that pass through the guest" => "raised { heap.invoke('rethrow') }; raised { heap.invoke('run') }",
    "async calls with references" => [
      "heap.invoke_async('same', box).value; raised { heap.invoke_async('throw', 1, Object.new).value }; heap.invoke_async('same', box).cancel", 5_000
    ]
  }.freeze

  # `heap`, an instance of {GUEST} whose host block throws `thrown`, a `box` of its store, and the type `point`.
  def self.setup
    <<~RUBY
      point = Wasmtime::StructType.new(engine, [Wasmtime::FieldType.var(:i32), :f64])
      thrown = nil
      heap = build(#{GUEST.dump}, { "h" => { "f" => -> { raise thrown } } })
      thrown = heap["tag"].exception(1, "thrown")
      box = Wasmtime::StructRef.new(heap.store, Wasmtime::StructType.new(engine, [Wasmtime::FieldType.var(:externref)]), [nil])
    RUBY
  end

  # After {Hazards::PRELUDE}: `world` has a store, an instance of the guest and one reference of every kind.
  PRELUDE = <<~RUBY.freeze
    include Wasmtime
    GUEST_TEXT = #{GUEST.dump}.freeze
    GUEST = compile(GUEST_TEXT)
    POINT = StructType.new(engine, [FieldType.var(:i32), :f64])
    PAIR = StructType.new(engine, [FieldType.var(:anyref), FieldType.var(:i32)])
    BOX = StructType.new(engine, [FieldType.var(:externref)])
    BYTES = ArrayType.new(engine, FieldType.var(:i8))
    LONGS = ArrayType.new(engine, FieldType.var(:i64))
    ANYS = ArrayType.new(engine, FieldType.var(:anyref))
    World = ::Struct.new(:store, :guest, :point, :bytes, :exn, :internal, :external, :tag) do
      def references = { point: point, bytes: bytes, exn: exn, internal: internal, external: external }
      def block=(block)
        @block = block
      end
      def run = @block&.call
      def thrown(number = 1, object = nil) = tag.exception(number, object)
    end
    def world(store = Store.new)
      made = World.new(store)
      made.guest = Linker.new(engine).tap { |l| l.func_new("h", "f", [], []) { made.run } }.instantiate(store, GUEST)
      made.point = StructRef.new(store, POINT, [1, 2.5])
      made.bytes = ArrayRef.new(store, BYTES, [1, 2, 255])
      made.tag = made.guest["tag"]
      made.exn = ExnRef.new(store, made.tag, [7, "seven"])
      made.internal = AnyRef.from_extern(store, Object.new)
      made.external = made.guest.invoke("out", made.point)
      made
    end
    # The calls that raised none of these, and what they did instead.
    def others(*expected, calls) = calls.transform_values { |call| raised(&call) }.reject { |_, error| expected.any? { |kind| kind === error } }
    # Every call of a public method of ours with as many numbers as it wants.
    def calls_of(object, except: [])
      names = object.class.ancestors.take_while { |mod| mod != Object }.select { |mod| mod.name&.start_with?("Wasmtime") }.flat_map { |mod| mod.public_instance_methods(false) }
      (names.uniq - except).to_h { |name| [name, -> { m = object.method(name); m.call(*[0] * (m.arity.negative? ? -m.arity - 1 : m.arity)) { 0 } }] }
    end
    # What a block comes to in a child: its value as text, or the signal that ended it.
    def in_child
      reader, writer = IO.pipe
      pid = fork do
        reader.close
        writer.write(Timeout.timeout(10) { yield }.inspect)
        writer.close
        exit!(0)
      end
      writer.close
      text = reader.read
      Process.wait(pid)
      $?.success? ? text : $?.to_s
    end
  RUBY
end
