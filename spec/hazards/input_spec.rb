# frozen_string_literal: true

RSpec.describe "Input hazards" do
  let(:store) { Wasmtime::Store.new }
  let(:fine) { [Wasmtime::Error, RangeError, TypeError, ArgumentError, EncodingError] }

  def bits(float) = [float].pack("G").unpack1("Q>")

  describe "an engine option" do
    values = [0, 1, -1, 2**31, 2**32, 2**63, (2**64) - 1, 2**64, 2**200, 1.5, Float::NAN, Float::INFINITY, true, false, "", "x", "a\0b", "\xff", :x, [], {}, { "a\0b" => 1 },
              { "\xff" => true }, { a: nil }, { a: "b\0c" }, Object, 1..2]

    it "never ends the process, whatever its value" do
      # Children share nothing, so that an abort tells which option it was.
      names = (Wasmtime::Engine.send(:_options).keys + %i[target cache allocation_strategy cranelift_flags interruptible bogus]).uniq
      code = <<~'RUBY'
        names, values = Marshal.load($stdin.read)
        values += [Object, 1..2]
        bad = names.flat_map do |name|
          values.filter_map do |value|
            error = raised { Wasmtime::Engine.new(name => value) }
            fine = error == "nothing" || [Wasmtime::Error, ArgumentError, TypeError, RangeError].any? { |c| c === error }
            [name, value, error] unless fine
          end
        end
        p bad
      RUBY
      file = "/tmp/hazards-options-#{Process.pid}"
      File.binwrite(file, Marshal.dump([names, values[0..-3]]))
      expect(apart(code.sub("$stdin.read", "File.binread(#{file.inspect})"), chdir: "/tmp", timeout: 60)).to eq("[]")
    ensure
      File.unlink(file) if file
    end

    it "of a pool never ends the process, whatever its value" do
      out = apart(<<~'RUBY', timeout: 60)
        names = Wasmtime::PoolingAllocationConfig.public_instance_methods(false).grep(/=\z/).reject { |n| %i[== !=].include?(n) }
        values = [0, 1, -1, 2**31, 2**32, 2**48, 2**63, 2**64 - 1, 2**64, 1.5, true, false, "x", :x, :yes, nil, []]
        kinds = names.product(values).map do |name, value|
          [name, value, raised { config = Wasmtime::PoolingAllocationConfig.new; config.public_send(name, value); Wasmtime::Engine.new(allocation_strategy: config) }]
        end
        p names.size > 5, kinds.reject { |_, _, e| e == "nothing" || [Wasmtime::Error, ArgumentError, TypeError, RangeError].any? { |c| c === e } }
      RUBY
      expect(out.lines.map(&:chomp)).to eq(%w[true []])
    end
  end

  describe "a number" do
    def through(type, value)
      Wasmtime::Func.new(store, [type], [type]) { |_caller, v| v }.call(value)
    end

    it "fits i32 from -2**31 to 2**32-1, and is refused outside" do
      { -2**31 => -2**31, -1 => -1, (2**31) - 1 => (2**31) - 1, 2**31 => -2**31, (2**32) - 1 => -1, 1.5 => 1 }.each { |given, back| expect(through(:i32, given)).to eq(back) }
      [2**32, -2**31 - 1, 2**64, -2**64, 2**200].each { |given| expect { through(:i32, given) }.to raise_error(RangeError) }
      ["1", nil, true, [], {}, :a, Object.new].each { |given| expect { through(:i32, given) }.to raise_error(TypeError) }
      [Float::NAN, Float::INFINITY].each { |given| expect(raised_by { through(:i32, given) }).to be_a(RangeError) }
      object = Object.new.tap { |o| def o.to_int = 42 }
      expect(through(:i32, object)).to eq(42)
    end

    it "fits i64 from -2**63 to 2**64-1, and is refused outside" do
      { -2**63 => -2**63, (2**63) - 1 => (2**63) - 1, 2**63 => -2**63, (2**64) - 1 => -1 }.each { |given, back| expect(through(:i64, given)).to eq(back) }
      [2**64, -2**63 - 1, 2**200, 1e300].each { |given| expect { through(:i64, given) }.to raise_error(RangeError) }
    end

    it "keeps its bits as f64, and rounds as Ruby does" do
      [0.0, -0.0, Float::INFINITY, -Float::INFINITY, Float::MIN, Float::MAX, 5e-324, 1.0 / 3].each { |given| expect(bits(through(:f64, given))).to eq(bits(given)) }
      [0x7ff8_0000_0000_0001, 0xfff8_0000_0000_0000, 0x7fff_ffff_ffff_ffff].each do |pattern|
        expect(bits(through(:f64, [pattern].pack("Q>").unpack1("G")))).to eq(pattern)
      end
      [1, Rational(1, 3), 2**100].each { |given| expect(through(:f64, given)).to eq(given.to_f) }
      expect(through(:f64, 2**2000)).to eq(Float::INFINITY)
    end

    it "keeps sign, infinity and NaN as f32, and rounds to the nearest" do
      [0.0, -0.0, Float::INFINITY, 1.5, -2.25].each { |given| expect(bits(through(:f32, given))).to eq(bits(given)) }
      expect(through(:f32, Float::NAN)).to be_nan
      expect([through(:f32, 1e40), through(:f32, 0.1), through(:f32, 1e-46)]).to eq([Float::INFINITY, [0.1].pack("g").unpack1("g"), 0.0])
      ["1.5", nil, true, :a].each { |given| expect { through(:f32, given) }.to raise_error(TypeError) }
    end

    it "that is complex, or whose conversion raises, is an exception" do
      evil = Class.new(Numeric) { def to_int = raise(IOError, "evil") and def to_f = raise(IOError, "evil") }.new
      [Complex(1, 1), evil].product(%i[i32 i64 f32 f64]).each do |given, type|
        expect([*fine, IOError].any? { |klass| klass === raised_by { through(type, given) } }).to be(true)
      end
    end
  end

  describe "a type the C API aborts on" do
    it "is reflected: v128, GC references, typed functions, exceptions, in imports and exports" do
      out = apart(<<~'RUBY')
        own = Wasmtime::Engine.new(wasm_gc: true, wasm_function_references: true, wasm_exceptions: true, wasm_simd: true, shared_memory: true, wasm_threads: true, wasm_custom_page_sizes: true)
        wat = <<~WAT
          (module (type $s (struct (field i32))) (type $a (array (mut i8))) (type $f (func (param i32)))
            (import "i" "v" (func (param v128) (result v128)))
            (import "i" "refs" (func (param anyref eqref i31ref structref arrayref exnref nullref nullfuncref nullexternref nullexnref funcref externref)))
            (import "i" "typed" (func (param (ref $s) (ref null $a) (ref $f) (ref null $f) (ref func) (ref extern) (ref any))))
            (import "i" "g" (global (mut v128))) (import "i" "gs" (global (ref null $s))) (import "i" "gf" (global (ref $f)))
            (import "i" "t" (table 1 (ref null $f))) (import "i" "ta" (table 0 anyref))
            (import "i" "t64" (table i64 0 8589934592 funcref)) (import "i" "m64" (memory i64 0 281474976710656)) (import "i" "m" (memory 1 65536 shared)) (import "i" "p" (memory 1 2 (pagesize 1)))
            (import "i" "e" (tag (param v128 anyref (ref $s))))
            (table (export "xt64") i64 5 18446744073709551615 externref) (memory (export "xm64") i64 1)
            (global (export "xg") v128 (v128.const i64x2 1 2)) (global (export "xs") (ref null $s) (ref.null $s))
            (tag (export "xe") (param i64 f32)) (func (export "xv") (param v128) (result v128) local.get 0)
            (func (export "xr") (param (ref null $a)) (result anyref) local.get 0))
        WAT
        mod = compile(wat, own)
        (mod.imports + mod.exports).each { |item| [item.to_s, item.inspect, item.type.to_s, item.type.inspect, item.type.hash, item.type == item.type, item.type.deconstruct_keys(nil)] }
        t64 = mod.exports.find { |e| e.name == "xt64" }.type
        p mod.imports.size, mod.exports.size, t64.min_size, t64.max_size
        store = Wasmtime::Store.new(own)
        linker = Wasmtime::Linker.new(own)
        linker.define_unknown_imports_as_traps(mod)
        p raised { linker.define_unknown_imports_as_default_values(store, mod) }.class.ancestors.include?(Wasmtime::Error)
        p raised { linker.instantiate(store, mod) }.class.ancestors.include?(Wasmtime::Error)
      RUBY
      expect(out.lines.map(&:chomp)).to eq(["13", "7", "5", ((2**64) - 1).to_s, "true", "true"])
    end

    it "is reflected, read and called on an instance, or raises" do
      out = apart(<<~'RUBY')
        own = Wasmtime::Engine.new(wasm_gc: true, wasm_function_references: true, wasm_exceptions: true)
        wat = <<~WAT
          (module (type $s (struct (field i32))) (type $a (array (mut i8))) (type $f (func (param i32)))
            (table (export "t64") i64 5 8589934592 externref) (table (export "ts") 2 (ref null $s)) (table (export "ti") 2 i31ref) (table (export "tf") 2 (ref null $f))
            (table (export "te") 2 exnref) (table (export "tn") 2 nullref)
            (memory (export "m64") i64 1) (global (export "v") (mut v128) (v128.const i64x2 1 2)) (global (export "s") (mut (ref null $s)) (ref.null $s))
            (global (export "i31") (mut i31ref) (ref.i31 (i32.const 5))) (global (export "any") (mut anyref) (ref.i31 (i32.const 5))) (global (export "exn") (mut exnref) (ref.null exn))
            (global (export "st") (mut (ref $s)) (struct.new $s (i32.const 1))) (global (export "nf") (mut nullfuncref) (ref.null nofunc))
            (tag (export "e") (param i64 f32))
            (func (export "fv") (param v128) (result v128) local.get 0) (func (export "fa") (param anyref) (result anyref) local.get 0)
            (func (export "fs") (result (ref $s)) (struct.new $s (i32.const 1))) (func (export "far") (result arrayref) (array.new $a (i32.const 1) (i32.const 9)))
            (func (export "fi") (param i31ref) (result i31ref) local.get 0) (func (export "fe") (param exnref) (result exnref) local.get 0)
            (func (export "fn") (result nullref) ref.null none) (func $x (export "ff") (result (ref func)) ref.func $x) (func (export "fx") (param (ref extern)) (result (ref extern)) local.get 0)
            (func (export "ft") (param (ref $f))) (func (export "fnull") (result funcref) ref.null func))
        WAT
        store = Wasmtime::Store.new(own)
        instance = build(wat, store: store, on: own)
        store2 = Wasmtime::Store.new(own)
        foreign = build(wat, store: store2, on: own)
        values = [nil, 0, 1, -1, 2**127, 2**128, 2**200, 1.5, "x" * 16, Object.new, [], instance.export("ff"), foreign.export("ff")]
        kinds = instance.exports.values.flat_map do |item|
          item.inspect
          calls = [-> { item.type.inspect }]
          calls += case item
                   when Wasmtime::Func then [-> { item.call }, *values.map { |v| -> { item.call(v) } }]
                   when Wasmtime::Table then [-> { item.get(0) }, -> { item.to_a }, *values.flat_map { |v| [-> { item.set(0, v) }, -> { item.grow(1, v) }] }]
                   when Wasmtime::Global then [-> { item.get }, *values.map { |v| -> { item.set(v) } }]
                   else [] end
          calls.map { |call| raised(&call) }
        end
        bad = kinds.reject { |e| e == "nothing" || [Wasmtime::Error, TypeError, RangeError, ArgumentError].any? { |c| c === e } }
        p bad
        types = Wasmtime::ValType::SYMBOLS + [instance["ft"].params[0].type, Wasmtime::StructType.new(own, [:i32]), Wasmtime::ArrayType.new(own, :i8), Wasmtime::ExnType.new(own, [:i32])].map { |t| Wasmtime::ValType.new(t) } +
                %i[func extern any eq i31 struct array exn none].map { |k| Wasmtime::ValType.new(k, nullable: false) }
        bad = types.flat_map do |type|
          [-> { Wasmtime::Func.new(store, [type], [type]) { |_c, v| v }.then { |f| f.inspect; values.each { |v| raised { f.call(v) } } } },
           -> { Wasmtime::Linker.new(own).func_new("a", "b", [type], [type]) { nil } }, -> { Wasmtime::Table.new(store, type, nil, min_size: 1).then { |t| t.get(0); t.inspect } },
           *values.flat_map { |v| [-> { Wasmtime::Global.var(store, type, v).get }, -> { Wasmtime::Table.new(store, type, v, min_size: 1).get(0) }] }].map { |call| raised(&call) }
        end.reject { |e| e == "nothing" || [Wasmtime::Error, TypeError, RangeError, ArgumentError].any? { |c| c === e } }
        p bad
      RUBY
      expect(out.lines.map(&:chomp)).to eq(%w[[] []])
    end

    it "is refused or works with stack switching, which has continuations" do
      out = apart(<<~'RUBY')
        error = raised do
          own = Wasmtime::Engine.new(wasm_stack_switching: true, wasm_function_references: true, wasm_exceptions: true, wasm_gc: true)
          mod = compile('(module (type $f (func)) (type $c (cont $f)) (import "a" "b" (func (param (ref null $c)))) (func (export "f") (param (ref null $c))) (global (export "g") (ref null $c) (ref.null $c)))', own)
          (mod.imports + mod.exports).each { |item| item.type.inspect }
        end
        p error == "nothing" || error.is_a?(Wasmtime::Error) || error
      RUBY
      expect(out).to eq("true")
    end
  end

  describe "a name" do
    names = ["", "a\0b", "é", "\u{1f600}", "a" * 99_999, "a b\n"]
    wrong = ["\xff", "a\xffb", "\xc0\x80", "\xed\xa0\x80", "b".encode("UTF-16LE"), "é".encode("UTF-32"), "é".encode("ISO-8859-1"), "\xff".b, nil, 1, [], Object.new, "a", :a, "a\xff".b.to_sym]

    # The text format's escapes of a name.
    def escaped(name) = name.b.each_byte.map { |byte| format("\\%02x", byte) }.join

    names.each do |name|
      it "is found whole: #{name[0, 10].inspect}" do
        instance = build(store, "(module (func (export \"#{escaped(name)}\") (result i32) i32.const 5))")
        expect([instance.invoke(name), instance.exports.keys, instance.export(name.to_sym).call]).to eq([5, [name], 5])
        expect([instance.export("#{name}x"), instance.export(name[0...-1].to_s.then { |s| s == name ? "y" : s })]).to eq([nil, nil])
      end

      it "links whole: #{name[0, 10].inspect}" do
        mod = Wasmtime::Module.new("(module (import \"#{escaped(name)}\" \"#{escaped(name)}\" (func $f (result i32))) (func (export \"f\") (result i32) call $f))")
        linker = Wasmtime::Linker.new
        linker.func_new(name, name, [], [:i32]) { 6 }
        expect(linker.instantiate(store, mod).invoke("f")).to eq(6)
        expect(Wasmtime::Instance.new(store, mod, { name => { name => -> { 7 } } }).invoke("f")).to eq(7)
        expect(linker.get(store, name, name).call).to eq(6)
      end
    end

    it "that is no UTF-8 or no name is nil or an exception, everywhere" do
      instance = build(store, '(module (memory (export "m") 1) (func (export "f")))')
      memory = instance.export("m")
      linker = Wasmtime::Linker.new
      kept = nil
      caller_error = ->(name) { Wasmtime::Func.new(store, [], []) { |caller| kept = caller.export(name) }.call }
      bad = wrong.flat_map do |name|
        calls = [-> { instance.export(name) }, -> { instance[name] }, -> { instance.invoke(name) }, -> { linker.define(store, name, name, memory) },
                 -> { linker.define(store, "x", name, memory) }, -> { linker.instance(store, name, instance) }, -> { linker.get(store, name, name) },
                 -> { linker.get_default(store, name) }, -> { linker.alias(name, "a", "b", name) }, -> { linker.alias_module(name, name) },
                 -> { linker.func_new(name, name, [], []) {} }, -> { linker.module(store, name, Wasmtime::Module.new("(module)")) }, -> { caller_error.call(name) },
                 -> { linker.define_all({ name => { name => memory } }) }, -> { build(store, "(module)", { name => { name => 1 } }) }, -> { instance.with_bytes("a", allocate: name) {} }]
        calls.filter_map { |call| raised_by(&call) }.reject { |error| fine.any? { |klass| klass === error } }
      end
      expect(bad).to eq([])
    end

    it "chosen by a guest never becomes a method of Ruby" do
      list = %w[object_id __send__ instance_eval send inspect method_missing nil? class respond_to? initialize == ! equal? !=]
      instance = build(store, "(module #{list.map { |name| "(func (export \"#{name}\") (result i32) i32.const 13)" }.join})")
      functions = instance.functions
      expect([instance.class, instance.nil?, instance.respond_to?(:call), functions.inspect]).to match([Wasmtime::Instance, false, false, a_string_starting_with("#<Wasmtime::Functions")])
      expect(list.map { |name| instance.invoke(name) }.uniq).to eq([13])
    end
  end

  it "refuses a NUL in what C reads as a C string" do
    [-> { Wasmtime::Engine.new(target: "x86_64\0") }, -> { Wasmtime::Engine.new(cache: "a\0b") }, -> { Wasmtime::Engine.new(cranelift_flags: { "a\0b" => true }) },
     -> { Wasmtime::Engine.new(cranelift_flags: { opt_level: "speed\0" }) }, -> { Wasmtime::Module.from_file("a\0b") },
     -> { Wasmtime::Module.deserialize_file(Wasmtime::Engine.default, "a\0b") }].each { |call| expect(&call).to raise_error(ArgumentError, /null byte|NUL/) }
  end

  it "carries a message with a NUL and bad UTF-8 out of a host block" do
    ["a\0b", "bad \xff", "utf-16".encode("UTF-16LE"), "", "x" * 1_000_000].each do |message|
      func = Wasmtime::Func.new(store, [], []) { raise IOError, message }
      expect(raised_by { func.call }.message).to eq(message)
    end
  end

  describe "Module.new" do
    it "raises for what is no module" do
      good = Wasmtime.wat2wasm('(module (memory 1) (data (i32.const 0) "abc") (func (export "f") (param i32) (result i32) local.get 0))')
      random = Random.new(42)
      inputs = [nil, 1, :a, [], "", "\0", "\0asm", "\0asm\1\0\0", "(", "(module", ")", "(module))", "(module)".encode("UTF-16LE"), "(module)".encode("UTF-16"), "\xff\xfe", "(component)", "(module (func",
                (1...good.size).map { |n| good[0, n] }, Array.new(200) { random.bytes(random.rand(200)) }, Array.new(200) { "\0asm\1\0\0\0".b + random.bytes(random.rand(100)) },
                Array.new(300) { good.dup.tap { |bytes| bytes.setbyte(random.rand(bytes.size), random.rand(256)) } }, "\0asm\x0d\0\1\0".b].flatten
      bad = inputs.filter_map do |input|
        errors = [raised_by { Wasmtime::Module.new(input) }, raised_by { Wasmtime::Module.validate(input) }, raised_by { Wasmtime.wat2wasm(input) }, raised_by { Wasmtime::Engine.default.precompile_module(input) }]
        [input, errors] if errors.compact.any? { |error| fine.none? { |klass| klass === error } }
      end
      expect(bad).to eq([])
      expect(["", "\0asm", "(module"].map { |input| raised_by { Wasmtime::Module.new(input) } }).to all be_a(Wasmtime::CompileError)
    end

    it "raises for 50 MB of anything, and for nesting without end" do
      out = apart(<<~'RUBY', timeout: 40)
        inputs = ["\0" * 50_000_000, "\0asm\1\0\0\0".b + "\1" * 50_000_000, "(" * 5_000_000, "(module #{'(func ' * 100_000}", "(module (func #{'(block ' * 100_000}", "(module (func #{'(if (i32.const 1) (then ' * 50_000}",
                  "(module (func #{'block ' * 200_000} #{'end ' * 200_000}))", ";;" * 5_000_000, "(;" * 1_000_000]
        p inputs.map { |input| raised { Wasmtime::Module.validate(input) }.then { |e| e == "nothing" || e.is_a?(Wasmtime::Error) || e } }.uniq
        p Thread.new { raised { Wasmtime::Module.validate("(module (func #{'(block ' * 100_000}") }.is_a?(Wasmtime::Error) }.value
        p Fiber.new { raised { Wasmtime::Module.validate("(module (func #{'(block ' * 100_000}") }.is_a?(Wasmtime::Error) }.resume
      RUBY
      expect(out.lines.map(&:chomp)).to eq(%w[[true] true true])
    end

    it "compiles in a fiber what needs much stack to compile" do
      out = apart(<<~'RUBY')
        text = "(module (func (result i32) #{'(i32.add (i32.const 1) ' * 400} i32.const 1 #{')' * 400}))"
        deep = Wasmtime.wat2wasm("(module (func #{'block ' * 3_000} #{'end ' * 3_000}))")
        p Fiber.new { [raised { Wasmtime::Module.new(text) }, raised { Wasmtime::Module.new(deep) }, raised { Wasmtime::Module.validate(deep) }] }.resume.map { |e| e == "nothing" || e.is_a?(Wasmtime::Error) }
      RUBY
      expect(out).to eq("[true, true, true]")
    end

    it "raises for compiled code that is none, of another engine, or cut" do
      out = apart(<<~'RUBY')
        good = compile("(module)").serialize
        other = Wasmtime::Engine.new(consume_fuel: true)
        inputs = ["", "x", "\0asm", good[0, good.size / 2], good[0, 64], good[1..], "\x7fELF" + "\0" * 100]
        p inputs.map { |bytes| raised { Wasmtime::Module.deserialize(engine, bytes) }.is_a?(Wasmtime::Error) }.uniq
        p raised { Wasmtime::Module.deserialize(other, good) }.is_a?(Wasmtime::Error)
        p [nil, 1, :a].map { |bytes| raised { Wasmtime::Module.deserialize(engine, bytes) }.class }.uniq
        p ["/", "/nonexistent", "/dev/null", "", "/proc/self/mem"].map { |path| raised { Wasmtime::Module.deserialize_file(engine, path) }.is_a?(Wasmtime::Error) }.uniq
      RUBY
      expect(out.lines.map(&:chomp)).to eq(%w[[true] true [TypeError] [true]])
    end
  end

  # One module that has everything, for two worlds that must not mix.
  worlds = <<~'RUBY'
    WAT = '(module (memory (export "m") 1) (table (export "t") 1 funcref) (table (export "te") 1 externref) (global (export "g") (mut i32) (i32.const 1)) (global (export "gf") (mut funcref) (ref.null func))
      (tag (export "e") (param i32)) (func (export "f") (result i32) i32.const 1) (func (export "id") (param funcref) (result funcref) local.get 0) (func (export "any") (param externref) (result externref) local.get 0))'
    TAKING = '(module (import "" "f" (func (result i32))) (import "" "m" (memory 1)) (import "" "t" (table 1 funcref)) (import "" "g" (global (mut i32))) (import "" "e" (tag (param i32))))'
    class World
      attr_reader :engine, :store, :mod, :instance, :linker, :pre, :full
      def initialize(engine)
        @engine = engine
        @store = Wasmtime::Store.new(engine)
        raised { @store.set_fuel(10**6) }
        @mod = Wasmtime::Module.new(engine, WAT)
        @instance = Wasmtime::Instance.new(@store, @mod)
        @linker = Wasmtime::Linker.new(engine)
        @pre = @linker.instantiate_pre(@mod)
        @full = Wasmtime::Linker.new(engine)
        @full.instance(@store, "", @instance)
      end
      def [](name) = @instance.export(name)
      def items = %w[f m t g e].map { |name| self[name] }
    end
    # Every use of B's objects in A. The last group may work, as its objects belong to no store.
    def crossings(a, b, engines)
      taking = Wasmtime::Module.new(a.engine, TAKING)
      hash = ->(name) { { "" => %w[f m t g e].to_h { |n| [n, (n == name ? b : a)[n]] } } }
      calls = {
        funcref_argument: -> { a["id"].call(b["f"]) }, funcref_result: -> { Wasmtime::Func.new(a.store, [], [:funcref]) { b["f"] }.call },
        funcref_argument_released: -> { a["id"].to_func(gvl: false).call(b["f"]) },
        table_set: -> { a["t"].set(0, b["f"]) }, table_index_set: -> { a["t"][0] = b["f"] }, table_grow: -> { a["t"].grow(1, b["f"]) },
        table_new: -> { Wasmtime::Table.new(a.store, :funcref, b["f"], min_size: 1) }, global_set: -> { a["gf"].set(b["f"]) },
        global_new: -> { Wasmtime::Global.const(a.store, :funcref, b["f"]) }, global_var: -> { Wasmtime::Global.var(a.store, :funcref, b["f"]) },
        pre_full: -> { b.full.instantiate_pre(Wasmtime::Module.new(b.engine, TAKING)).instantiate(a.store) },
        linker_instance: -> { a.linker.instance(a.store, "x", b.instance) }, linker_instance_store: -> { a.linker.instance(b.store, "x", a.instance) },
        full_instantiate: -> { b.full.instantiate(a.store, taking) }, full_get: -> { b.full.get(a.store, "", "m") }, full_get_func: -> { b.full.get(a.store, "", "f") },
        full_get_tag: -> { b.full.get(a.store, "", "e") }, full_get_global: -> { b.full.get(a.store, "", "g") }, full_get_table: -> { b.full.get(a.store, "", "t") },
        full_define: -> { b.full.define(a.store, "x", "y", a["m"]) }, full_module: -> { b.full.module(a.store, "x", taking) },
        full_dup: -> { b.full.dup.instantiate(a.store, taking) }, full_alias: -> { b.full.alias_module("", "q"); b.full.instantiate(a.store, Wasmtime::Module.new(a.engine, TAKING.gsub('""', '"q"'))) },
        full_default_values: -> { b.full.define_unknown_imports_as_default_values(a.store, Wasmtime::Module.new(a.engine, '(module (import "n" "m" (memory 1)))')) },
        imports_all: -> { Wasmtime::Instance.new(a.store, taking, b.items) }, imports_instance: -> { Wasmtime::Instance.new(a.store, taking, { "" => b.instance }) },
        define_all_instance: -> { Wasmtime::Linker.new(a.engine).define_all("" => b.instance).instantiate(a.store, taking) }
      }
      %w[f m t g e].each do |name|
        calls[:"import_#{name}"] = -> { Wasmtime::Instance.new(a.store, taking, hash.(name)) }
        calls[:"import_array_#{name}"] = -> { Wasmtime::Instance.new(a.store, taking, %w[f m t g e].map { |n| (n == name ? b : a)[n] }) }
        calls[:"define_#{name}"] = -> { Wasmtime::Linker.new(a.engine).define(a.store, "x", name, b[name]) }
        calls[:"define_other_store_#{name}"] = -> { Wasmtime::Linker.new(a.engine).define(b.store, "x", name, a[name]) }
        calls[:"define_two_stores_#{name}"] = lambda do
          linker = Wasmtime::Linker.new(a.engine)
          linker.define(a.store, "", name, a[name])
          linker.define(b.store, "", "second", b[name])
        end
        calls[:"define_all_#{name}"] = -> { Wasmtime::Linker.new(a.engine).define_all(hash.(name)).instantiate(a.store, taking) }
      end
      if engines
        calls.merge!(
          instance_new: -> { Wasmtime::Instance.new(a.store, b.mod) }, instance_new_imports: -> { Wasmtime::Instance.new(a.store, Wasmtime::Module.new(b.engine, TAKING), a.items) },
          instance_new_callables: -> { Wasmtime::Instance.new(a.store, Wasmtime::Module.new(b.engine, '(module (import "" "f" (func)))'), { "" => { f: -> {} } }) },
          pre_store: -> { b.pre.instantiate(a.store) }, linker_pre: -> { a.linker.instantiate_pre(b.mod) }, linker_module: -> { a.linker.module(a.store, "x", b.mod) },
          linker_module_store: -> { a.linker.module(b.store, "x", a.mod) }, linker_both: -> { a.linker.module(b.store, "x", b.mod) }, linker_instantiate: -> { a.linker.instantiate(a.store, b.mod) },
          linker_instantiate_store: -> { a.linker.instantiate(b.store, a.mod) }, linker_instantiate_both: -> { a.linker.instantiate(b.store, b.mod) },
          linker_define: -> { Wasmtime::Linker.new(a.engine).define(b.store, "x", "y", b["m"]) }, linker_instance_both: -> { Wasmtime::Linker.new(a.engine).instance(b.store, "x", b.instance) },
          linker_get: -> { l = Wasmtime::Linker.new(a.engine); l.func_new("a", "b", [], []) {}; l.get(b.store, "a", "b") },
          linker_get_default: -> { l = Wasmtime::Linker.new(a.engine); l.func_new("a", "", [], []) {}; l.get_default(b.store, "a") },
          traps: -> { Wasmtime::Linker.new(a.engine).define_unknown_imports_as_traps(Wasmtime::Module.new(b.engine, '(module (import "a" "b" (func)))')) },
          default_values: -> { Wasmtime::Linker.new(a.engine).define_unknown_imports_as_default_values(a.store, Wasmtime::Module.new(b.engine, '(module (import "a" "b" (func)))')) },
          default_values_store: -> { Wasmtime::Linker.new(a.engine).define_unknown_imports_as_default_values(b.store, Wasmtime::Module.new(a.engine, '(module (import "a" "b" (func)))')) },
          define_all: -> { Wasmtime::Linker.new(a.engine).define_all("" => { "f" => -> {} }).instantiate(b.store, Wasmtime::Module.new(b.engine, '(module (import "" "f" (func)))')) }
        )
      end
      calls
    end
  RUBY

  { "store" => ["e = engine; World.new(e)", "World.new(e)", false, "[Wasmtime::StoreError, Wasmtime::LinkError, ->(e) { Wasmtime::Error === e && e.message.include?('belongs to another store') }]"],
    "engine" => ["World.new(Wasmtime::Engine.new)", "World.new(Wasmtime::Engine.new)", true, "[Wasmtime::Error]"],
    "engine with other settings" => ["World.new(Wasmtime::Engine.new)", "World.new(Wasmtime::Engine.new(consume_fuel: true))", true, "[Wasmtime::Error]"] }
    .each do |what, (first, second, engines, allowed)|
    it "refuses objects of another #{what} in every method of every handle" do
      out = apart(worlds + <<~RUBY)
        a = (#{first})
        b = (#{second})
        [[a, b], [b, a]].each do |x, y|
          crossings(x, y, #{engines}).each do |name, call|
            $stdout.syswrite("in \#{name}\n")
            error = raised(&call)
            $stdout.syswrite "\#{name}: \#{error.is_a?(Exception) ? "\#{error.class}: \#{error.message.lines.first}" : error}\n" unless #{allowed}.any? { |klass| klass === error }
          end
          raise "not usable" unless x["f"].call == 1 && x["m"].size == 1 && x["t"].get(0).nil?
        end
        $stdout.flush
        puts "end"
      RUBY
      expect(out.lines.map(&:chomp).grep_v(/\Ain /)).to eq(["end"])
    end
  end

  it "takes a Ruby object as externref in any store, also one that came from another store" do
    first = build(store, '(module (func (export "f") (param externref) (result externref) local.get 0))')
    second = build(Wasmtime::Store.new, '(module (global $g (mut externref) (ref.null extern)) (func (export "f") (param externref) (result externref) local.get 0))')
    object = Object.new
    expect(second.invoke("f", first.invoke("f", object))).to equal(object)
    expect(second.invoke("f", first.export("f"))).to equal(first.export("f"))
  end

  it "compares and hashes types of different engines" do
    types = Array.new(2) { Wasmtime::Module.new(Wasmtime::Engine.new, '(module (func (export "f") (param i32 externref)))').exports.first.type }
    expect([types[0] == types[1], types.map(&:hash).uniq.size]).to eq([true, 1])
  end

  describe "a host block" do
    {
      "too many results" => [[], [1]], "a result too many" => [[:i32], [1, 2]], "a result too few" => [%i[i32 i32], [1]], "nil for a number" => [[:i32], nil],
      "a String for a number" => [[:i32], "1"], "a number out of range" => [[:i32], 2**40], "an Object for a function" => [[:funcref], Object.new], "no Array" => [%i[i32 i32], 5]
    }.each do |what, (results, value)|
      it "that gives #{what} is a ResultError or works, and the guest is unwound" do
        func = Wasmtime::Func.new(store, [], results) { value }
        list = results.join(" ")
        instance = build(store, "(module (import \"\" \"\" (func $f (result #{list}))) (func (export \"f\") (result #{list}) call $f) (func (export \"ok\") (result i32) i32.const 1))", [func])
        errors = [raised_by { func.call }, raised_by { instance.invoke("f") }]
        expect(errors).to all(results.empty? ? be_nil.or(be_a(Wasmtime::ResultError)) : be_a(Wasmtime::ResultError))
        expect(instance.invoke("ok")).to eq(1)
      end
    end

    it "that gives a function of another store is a ResultError or StoreError" do
      other = build(Wasmtime::Store.new, '(module (func (export "f")))').export("f")
      func = Wasmtime::Func.new(store, [], [:funcref]) { other }
      expect([Wasmtime::ResultError, Wasmtime::StoreError]).to include(raised_by { func.call }.class)
    end

    it "gets a null function as nil, and may give it back" do
      func = Wasmtime::Func.new(store, [:funcref], [:funcref]) { |_caller, f| f }
      instance = build(store, '(module (import "" "" (func $f (param funcref) (result funcref))) (func (export "f") (result funcref) (call $f (ref.null func))))', [func])
      expect([instance.invoke("f"), func.call(nil)]).to eq([nil, nil])
    end
  end

  it "gives a trap, not an abort, for a null or a wrong function in a table" do
    instance = build(store, <<~WAT)
      (module (type $v (func)) (table (export "t") 3 funcref) (elem (i32.const 1) $g) (func $g (param i32))
        (func (export "run") (param i32) (call_indirect (type $v) (local.get 0))))
    WAT
    expect([0, 1, 9].map { |n| raised_by { instance.invoke("run", n) }.code }).to eq(%i[indirect_call_to_null bad_signature table_out_of_bounds])
  end

  it "survives any kind of thing in place of any argument" do
    out = apart(worlds + <<~'RUBY', timeout: 40)
      w = World.new(engine)
      things = [nil, 1, -1, 2**64, "x", :x, [], [nil], {}, { "" => nil }, Object.new, Class, w.engine, w.store, w.mod, w.instance, w.linker, w.pre, w["f"], w["m"], w["t"], w["g"], w["e"], -> {}, BasicObject.new]
      skipped = %i[instance_eval instance_exec instance_variable_set instance_variable_get freeze close method_missing instance_variable_defined? remove_instance_variable sleep define_singleton_method extend singleton_method]
      objects = [w.engine, w.mod, w.store, w.instance, w.linker, w.pre, *w.instance.exports.values]
      bad = []
      objects.each do |object|
        (object.public_methods - Object.instance_methods - skipped).each do |method|
          next if method == :cycle
          [*things.map { |t| [t] }, *things.product(things).sample(60, random: Random.new(1)), *Array.new(20) { Array.new(3) { things.sample } }, *Array.new(20) { Array.new(4) { things.sample } }].each do |args|
            error = raised { Timeout.timeout(5) { object.public_send(method, *args) { nil } } }
            next unless Exception === error
            bad << [object.class, method, error.class, error.message[0, 90]] unless [Wasmtime::Error, ArgumentError, TypeError, RangeError, NoMethodError, EncodingError, IOError].any? { |c| c === error }
          end
        end
      end
      p bad.uniq
      p [Wasmtime::Engine, Wasmtime::Module, Wasmtime::Store, Wasmtime::Instance, Wasmtime::Linker, Wasmtime::Func, Wasmtime::Memory, Wasmtime::Table, Wasmtime::Global].flat_map { |klass|
        klass.singleton_methods(false).reject { |m| m == :default= }.flat_map { |method|
          [[], *things.map { |t| [t] }, *Array.new(60) { Array.new(rand(2..4)) { things.sample } }].filter_map { |args|
            error = raised { klass.public_send(method, *args) { nil } }
            [klass, method, error.class, error.message[0, 90]] if Exception === error && [Wasmtime::Error, ArgumentError, TypeError, RangeError, NoMethodError, EncodingError].none? { |c| c === error } } } }.uniq
    RUBY
    expect(out.lines.map(&:chomp)).to eq(%w[[] []])
  end
end
