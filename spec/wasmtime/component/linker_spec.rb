# frozen_string_literal: true

RSpec.describe Wasmtime::Component::Linker do
  let(:engine) { Wasmtime::Engine.default }
  let(:store) { Wasmtime::Store.new }
  let(:linker) { described_class.new }
  let(:one) { math("1.0.0", "one") }
  let(:both) { math("1.2.0", "one", "add-two") }

  # A component that gives on functions of an interface.
  def math(version, *names, engine: Wasmtime::Engine.default)
    all = ->(&text) { names.each_with_index.map(&text).join(" ") }
    compile(<<~WAT, engine)
      (component
        (import "test:host/math@#{version}" (instance $math #{all.call { |name| %[(export "#{name}" (func (param "x" s32) (result s32)))] }}))
        #{all.call { |name, n| %[(core func $f#{n} (canon lower (func $math "#{name}")))] }}
        (core module $m #{all.call { |name, n| %[(import "" "#{name}" (func $f#{n} (param i32) (result i32)))] }}
          #{all.call { |name, n| %[(export "#{name}" (func $f#{n}))] }})
        (core instance $i (instantiate $m (with "" (instance #{all.call { |name, n| %[(export "#{name}" (func $f#{n}))] }}))))
        #{all.call { |name| %[(func (export "#{name}") (param "x" s32) (result s32) (canon lift (core func $i "#{name}")))] }})
    WAT
  end

  def compile(wat, engine = Wasmtime::Engine.default)
    Wasmtime::Component::Component.new(engine, wat)
  end

  def error_with(message, kind = Wasmtime::Error)
    raise_error(an_instance_of(kind).and(have_attributes(message: message)))
  end

  def missing(*lines)
    error_with("cannot link the component:\n#{lines.map { |line| "  #{line}" }.join("\n")}", Wasmtime::LinkError)
  end

  describe ".new" do
    it "uses the default engine when none is given" do
      own = Wasmtime::Engine.new
      expect([linker.engine == engine, described_class.new(own).engine == own, described_class.new(own).engine == engine]).to eq([true, true, false])
      expect { described_class.new(nil) }.to raise_error(TypeError, "no implicit conversion of NilClass into Wasmtime::Engine")
    end
  end

  describe "#root and #instance" do
    it "yield a place for definitions, and return the linker" do
      expect(linker.root { |root| expect(root).to be_a(Wasmtime::Component::LinkerInstance) }).to equal(linker)
      expect(linker.instance(:"test:host/math@1.0.0") { |math| math.func_new("one") { |x| x + 1 } }).to equal(linker)
      expect(linker.instantiate(store, one).invoke("one", 1)).to eq(2)
    end

    it "need a block" do
      expect { linker.root }.to raise_error(ArgumentError, "no block given")
      expect { linker.instance("a") }.to raise_error(ArgumentError, "no block given")
      expect { linker.instance(nil) {} }.to raise_error(TypeError, "no implicit conversion of nil into String")
    end

    it "are not reentrant, and are usable afterwards" do
      linker.root { expect { linker.root {} }.to error_with("Linker is not reentrant") }
      linker.instance("a") { expect { linker.instance("b") {} }.to error_with("Linker is not reentrant") }
      expect { linker.root { raise IOError, "mine" } }.to raise_error(IOError, "mine")
      expect(linker.root {}).to equal(linker)
    end

    it "serve interfaces of compatible versions, as Wasmtime does, and no others" do
      linker.instance("test:host/math@1.0.0") { |math| math.func_new("one") { |x| x } }
      expect(%w[1.0.0 1.9.0].map { |version| linker.instantiate(store, math(version, "one")).invoke("one", 3) }).to eq([3, 3])
      expect { linker.instantiate(store, math("2.0.0", "one")) }
        .to missing('missing import "test:host/math@2.0.0" "one": expected func(x: s32) -> s32')
      ["test:host/math", "test:host/Math@1.0.0", "test_host/math@1.0.0"].each do |other|
        lacking = described_class.new.instance(other) { |math| math.func_new("one") { |x| x } }
        expect { lacking.instantiate(store, one) }.to missing('missing import "test:host/math@1.0.0" "one": expected func(x: s32) -> s32')
      end
    end
  end

  it "looks into the last of several compatible versions, as Wasmtime does" do
    { "1.0.0" => "one", "1.10.0" => "one", "1.9.0" => "add-two" }.each do |version, name|
      linker.instance("test:host/math@#{version}") { |math| math.func_new(name) { version.delete(".").to_i } }
    end
    expect(linker.instantiate(store, math("1.2.0", "one")).invoke("one", 0)).to eq(1100)
    expect { linker.instantiate(store, both) }.to missing('missing import "test:host/math@1.2.0" "add-two": expected func(x: s32) -> s32')
    expect(linker.define_all("test:host/math" => { add_two: ->(_) { 2 } }).instantiate(store, both).invoke("add-two", 0)).to eq(2)
  end

  describe "#allow_shadowing=" do
    it "lets later definitions replace earlier ones" do
      define = ->(n) { linker.instance("test:host/math@1.0.0") { |math| math.func_new("one") { n } } }
      define.call(1)
      expect { define.call(2) }.to error_with("map entry `one` defined twice")
      expect(linker.allow_shadowing = true).to be(true)
      define.call(3)
      earlier = linker.instantiate(store, one)
      define.call(4)
      expect([earlier, linker.instantiate(store, one)].map { |instance| instance.invoke("one", 0) }).to eq([3, 4])
      linker.allow_shadowing = false
      expect { define.call(5) }.to error_with("map entry `one` defined twice")
    end
  end

  describe "#define_all" do
    let(:object) do
      Struct.new(:base) do
        def one(number) = number + base

        def add_two(number) = number + (2 * base)
      end.new(10)
    end

    it "takes a Hash of callables, or an object, by names in either spelling" do
      [{ one: ->(x) { x + 10 }, add_two: ->(x) { x + 20 } }, { "one" => 10.method(:+), "add-two" => 20.method(:+) }].each do |given|
        guest = described_class.new.define_all("test:host/math@1.2.0" => given).instantiate(store, both)
        expect([guest.invoke("one", 1), guest.invoke("add-two", 1)]).to eq([11, 21])
      end
      guest = linker.define_all("test:host/math": object).instantiate(store, both)
      expect([guest.invoke("one", 1), guest.invoke("add-two", 1)]).to eq([11, 21])
    end

    it "returns the linker, and waits for a component to say what it wants" do
      expect(linker.define_all("test:host/math" => { one: ->(x) { x } }, "other" => 5)).to equal(linker)
      expect(%w[1.0.0 1.2.0 2.0.0].map { |version| linker.instantiate(store, math(version, "one")).invoke("one", 3) }).to eq([3, 3, 3])
    end

    it "may be given in parts, of which the last comes first" do
      linker.define_all("test:host/math" => { one: ->(_) { 1 } }).define_all("test:host/math@1.2.0" => { one: ->(_) { 2 }, add_two: ->(_) { 3 } })
      guest = linker.instantiate(store, both)
      expect([guest.invoke("one", 0), guest.invoke("add-two", 0), linker.instantiate(store, one).invoke("one", 0)]).to eq([2, 3, 2])
    end

    it "adds what definitions of an interface leave out" do
      linker.instance("test:host/math@1.0.0") { |math| math.func_new("one") { |_| 1 } }
      guest = linker.define_all("test:host/math" => { one: ->(_) { 5 }, add_two: ->(_) { 2 } }).instantiate(store, both)
      expect([guest.invoke("one", 0), guest.invoke("add-two", 0)]).to eq([1, 2])
    end

    it "gives core modules, and instances within instances" do
      guest = compile(<<~WAT)
        (component
          (import "code" (core module $m (import "" "f" (func (result i32))) (export "g" (func (result i32)))))
          (import "outer" (instance $outer (export "inner" (instance (export "f" (func (result s32)))))))
          (alias export $outer "inner" (instance $inner))
          (core func $f (canon lower (func $inner "f")))
          (core instance $i (instantiate $m (with "" (instance (export "f" (func $f))))))
          (func (export "g") (result s32) (canon lift (core func $i "g"))))
      WAT
      code = Wasmtime::Module.new('(module (import "" "f" (func (result i32))) (func (export "g") (result i32) (i32.add (i32.const 1) (call 0))))')
      expect(linker.define_all(code: code, outer: { inner: { f: -> { 6 } } }).instantiate(store, guest).invoke("g")).to eq(7)
      expect { described_class.new.define_all(code: 5).instantiate(store, guest) }.to missing(
        'import "code": expected (module (import "" "f" (func (result i32))) (export "g" (func (result i32)))), given Integer (no core module)',
        'missing import "outer" "inner" "f": expected func() -> s32'
      )
    end

    it "takes names in every encoding, as blocks do" do
      wide = ->(text) { text.encode("UTF-16LE") }
      linker.define_all(wide["test:host/math"] => { wide["one"] => ->(x) { x + 10 } })
      expect(linker.instantiate(store, one).invoke("one", 1)).to eq(11)
      blocks = described_class.new.instance(wide["test:host/math@1.0.0"]) { |math| math.func_new(wide["one"]) { |x| x + 20 } }
      expect(blocks.instantiate(store, one).invoke("one", 1)).to eq(21)
    end

    it "refuses what is no Hash, and stays as it was" do
      linker.define_all("test:host/math" => { one: ->(x) { x } })
      expect { linker.define_all(5) }.to raise_error(TypeError, "imports: expected a Hash, got Integer")
      expect { linker.define_all(5 => {}) }.to raise_error(TypeError, "no implicit conversion of Integer into String")
      expect(linker.instantiate(store, one).invoke("one", 3)).to eq(3)
    end

    it "leaves nothing to chance when a callable takes another number of arguments" do
      linker.define_all("test:host/math" => { one: -> {}, add_two: ->(a, b) { a + b } })
      expected = "expected func(x: s32) -> s32, given a callable that takes"
      expect { linker.instantiate(store, both) }.to missing(
        "import \"test:host/math@1.2.0\" \"one\": #{expected} 0 arguments", "import \"test:host/math@1.2.0\" \"add-two\": #{expected} 2 arguments"
      )
    end
  end

  describe "#define_unknown_imports_as_traps" do
    it "defines functions that raise when they are called, and leaves what is there" do
      linker.instance("test:host/math@1.2.0") { |math| math.func_new("one") { |x| x } }
      expect(linker.define_unknown_imports_as_traps(both)).to be_nil
      guest = linker.instantiate(store, both)
      expect(guest.invoke("one", 3)).to eq(3)
      expect { guest.invoke("add-two", 3) }.to error_with("unknown import: `test:host/math@1.2.0#add-two` has not been defined")
    end

    it "leaves what define_all was given" do
      linker.define_all("test:host/math" => { one: ->(x) { x } })
      2.times { linker.define_unknown_imports_as_traps(both) }
      expect(linker.instantiate(store, both).invoke("one", 3)).to eq(3)
    end

    it "cannot make up core modules" do
      guest = compile('(component (import "code" (core module)))')
      expect { linker.define_unknown_imports_as_traps(guest) }.to error_with("unable to define core module imports as traps")
      linker.root { |root| root.module("code", Wasmtime::Module.new("(module)")) }
      expect(linker.instantiate(store, guest)).to be_a(Wasmtime::Component::Instance)
    end

    it "refuses what is no component, and one of another engine" do
      expect { linker.define_unknown_imports_as_traps(nil) }.to raise_error(TypeError, /\Ano implicit conversion of NilClass into .*::Component\z/)
      foreign = compile("(component)", Wasmtime::Engine.new)
      expect { linker.define_unknown_imports_as_traps(foreign) }.to error_with("the component and the linker belong to different engines")
    end
  end

  describe "#instantiate" do
    it "lists every import that is missing, and close names" do
      expect { linker.instantiate(store, both) }.to missing(
        'missing import "test:host/math@1.2.0" "one": expected func(x: s32) -> s32',
        'missing import "test:host/math@1.2.0" "add-two": expected func(x: s32) -> s32'
      )
      linker.instance("test:host/math@1.2.0") { |math| math.func_new("one") { |x| x } }.define_all("test:host/math" => { ad_two: ->(x) { x } })
      expect { linker.instantiate(store, both) }
        .to missing('missing import "test:host/math@1.2.0" "add-two": expected func(x: s32) -> s32, did you mean "ad-two"?')
    end

    it "says what Wasmtime says where something else has the name" do
      linker.root { |root| root.func_new("test:host/math@1.0.0") {} }
      expect { linker.instantiate(store, one) }
        .to error_with(/\Acannot link the component:\n  component imports instance `test:host.*expected instance found func\z/, Wasmtime::LinkError)
    end

    it "takes options of calls" do
      forever = compile("(component (core module $m (func $s (loop $again (br $again))) (start $s)) (core instance (instantiate $m)))")
      expect { linker.instantiate(store, forever, timeout: 0.05) }.to raise_error(an_instance_of(Wasmtime::TimeoutError))
      fresh = Wasmtime::Store.new
      expect(linker.instantiate(fresh, compile("(component)"), timeout: 5, gvl: :release).store).to equal(fresh)
      expect { linker.instantiate(fresh, compile("(component)"), nope: 1) }.to raise_error(ArgumentError, /\Aunknown keyword: :nope/)
    end

    it "raises the trap of a component that traps on the way" do
      trapping = compile("(component (core module $m (func $s unreachable) (start $s)) (core instance (instantiate $m)))")
      expect { linker.instantiate(store, trapping) }.to raise_error(an_instance_of(Wasmtime::Trap), /unreachable/)
    end

    it "refuses other engines, closed stores and what is none of them" do
      own = Wasmtime::Engine.new
      linker.define_all("test:host/math" => { one: ->(x) { x } })
      expect { linker.instantiate(Wasmtime::Store.new(own), one) }.to error_with("the linker and the store belong to different engines")
      expect { linker.instantiate(store, math("1.0.0", "one", engine: own)) }
        .to error_with("the component and the linker belong to different engines")
      expect { linker.instantiate(store, Wasmtime::Module.new("(module)")) }
        .to raise_error(TypeError, "no implicit conversion of Wasmtime::Module into Wasmtime::Component::Component")
      expect { linker.instantiate(nil, one) }.to raise_error(TypeError, "no implicit conversion of NilClass into Wasmtime::Store")
      store.close
      expect { linker.instantiate(store, one) }.to error_with("Wasmtime::Store is closed", Wasmtime::StoreClosedError)
    end
  end

  it "replaces what components were linked with where shadowing is allowed, and says so where it is not" do
    linker.define_all("test:host/math" => { one: ->(x) { x } })
    expect(linker.instantiate(store, one).invoke("one", 5)).to eq(5)
    expect { linker.define_all("test:host/math" => { one: ->(x) { x + 1 } }) }
      .to error_with('"test:host/math" was linked already: give it before the first component, or allow shadowing')
    expect(linker.instantiate(store, one).invoke("one", 5)).to eq(5)
    linker.allow_shadowing = true
    linker.define_all("test:host/math" => { one: ->(x) { x + 1 } })
    expect(linker.instantiate(store, one).invoke("one", 5)).to eq(6)
  end

  it "shows what it has at its root" do
    expect(linker.inspect).to eq("#<Wasmtime::Component::Linker>")
    linker.root { |root| root.func_new("log") {} }.instance("test:host/math@1.0.0") { |math| math.func_new("one") {} }
    expect(linker.inspect).to eq("#<Wasmtime::Component::Linker log, test:host/math@1.0.0>")
  end

  it "is not copied" do
    [-> { described_class.allocate }, -> { linker.dup }, -> { Marshal.dump(linker) }].each { |copy| expect { copy.call }.to raise_error(TypeError) }
  end
end
