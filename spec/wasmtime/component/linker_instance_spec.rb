# frozen_string_literal: true

RSpec.describe Wasmtime::Component::LinkerInstance do
  let(:linker) { Wasmtime::Component::Linker.new }
  let(:store) { Wasmtime::Store.new }
  let(:empty) { Wasmtime::Module.new("(module)") }

  # A component that gives on a function it imports, which may lie in instances.
  def passing(*path, name)
    imports = path.reverse.inject(%[(export "#{name}" (func (result s32)))]) { |inner, one| %[(export "#{one}" (instance #{inner}))] }
    aliases = path.each_index.map { |n| %[(alias export $i#{n} "#{path[n + 1] || name}" (#{path[n + 1] ? "instance $i#{n + 1}" : 'func $f'}))] }
    Wasmtime::Component::Component.new(<<~WAT)
      (component
        #{imports.sub('export', 'import').sub('(instance', '(instance $i0').sub(/\A\(import "#{name}" \(func/, '\0 $f')}
        #{aliases.join(' ')}
        (core func $f' (canon lower (func $f)))
        (core module $m (import "" "f" (func $f (result i32))) (export "run" (func $f)))
        (core instance $i (instantiate $m (with "" (instance (export "f" (func $f'))))))
        (func (export "run") (result s32) (canon lift (core func $i "run"))))
    WAT
  end

  def run(component)
    linker.instantiate(store, component).invoke("run")
  end

  def error_with(message, kind = Wasmtime::Error)
    raise_error(an_instance_of(kind).and(have_attributes(message: message)))
  end

  describe "#func_new" do
    it "defines functions, by Strings or Symbols, and returns itself" do
      linker.root { |root| expect(root.func_new("one") { 1 }.func_new(:two) { 2 }).to equal(root) }
      expect([run(passing("one")), run(passing("two"))]).to eq([1, 2])
    end

    it "gives the block no more than the arguments, and no self of its own" do
      seen = []
      linker.root { |root| root.func_new("one") { |*args| (seen << [args, self]) && 1 } }
      run(passing("one"))
      expect(seen).to match([[[], be(self)]])
    end

    it "keeps its block alive, also when the linker is gone" do
      instance = Wasmtime::Component::Linker.new.then do |linker|
        linker.root { |root| Object.new.then { |object| root.func_new("one") { object.hash && 5 } } }
        linker.instantiate(store, passing("one"))
      end
      3.times { GC.start }
      expect(instance.invoke("run")).to eq(5)
    end

    it "needs a block and a name" do
      linker.root do |root|
        expect { root.func_new("one") }.to raise_error(ArgumentError, "no block given")
        expect { root.func_new(nil) {} }.to raise_error(TypeError, "no implicit conversion of nil into String")
        expect { root.func_new(1) {} }.to raise_error(TypeError, "no implicit conversion of Integer into String")
      end
    end
  end

  describe "#module" do
    it "defines a core module that a component instantiates" do
      component = Wasmtime::Component::Component.new(<<~WAT)
        (component
          (import "code" (core module $m (export "f" (func (result i32)))))
          (core instance $i (instantiate $m))
          (func (export "run") (result s32) (canon lift (core func $i "f"))))
      WAT
      seven = Wasmtime::Module.new('(module (func (export "f") (result i32) i32.const 7))')
      linker.root { |root| expect(root.module("code", seven)).to equal(root) }
      expect(run(component)).to eq(7)
    end

    it "takes modules of the linker's engine" do
      linker.root do |root|
        expect { root.module("code", nil) }.to raise_error(TypeError, "no implicit conversion of NilClass into Wasmtime::Module")
        expect { root.module("code", Wasmtime::Module.new(Wasmtime::Engine.new, "(module)")) }
          .to error_with("the module and the linker belong to different engines")
        expect(root.module("code", empty)).to equal(root)
      end
    end
  end

  describe "#instance" do
    it "opens instances within, however deep, and returns the outer one" do
      linker.root do |root|
        expect(root.instance("outer") { |outer| outer.instance("inner") { |inner| inner.func_new("one") { 1 } } }).to equal(root)
      end
      expect(run(passing("outer", "inner", "one"))).to eq(1)
    end

    it "may open the same one again, for more" do
      2.times { |n| linker.instance("outer") { |outer| outer.func_new("f#{n}") { n } } }
      expect([run(passing("outer", "f0")), run(passing("outer", "f1"))]).to eq([0, 1])
    end

    it "needs a block" do
      linker.root { |root| expect { root.instance("outer") }.to raise_error(ArgumentError, "no block given") }
    end

    it "raises what its block raises, and the outer one is usable again" do
      linker.root do |root|
        expect { root.instance("outer") { raise IOError, "mine" } }.to raise_error(IOError, "mine")
        root.func_new("one") { 1 }
      end
      expect(run(passing("one"))).to eq(1)
    end
  end

  describe "#resource" do
    it "returns itself, and takes any class, module or pattern" do
      linker.instance("resources") do |instance|
        ["a", :b].zip([String, Comparable]).each { |name, kind| expect(instance.resource(name, kind) {}).to equal(instance) }
        expect(instance.resource("c", ->(object) { object.frozen? })).to equal(instance)
        expect(instance.resource("d")).to equal(instance)
      end
    end
  end

  it "refuses names that are taken, whatever by" do
    uses = [->(at) { at.func_new("name") {} }, ->(at) { at.module("name", empty) }, ->(at) { at.resource("name") }]
    uses.each do |first|
      linker = Wasmtime::Component::Linker.new
      linker.root do |root|
        first.call(root)
        uses.each { |second| expect { second.call(root) }.to error_with("map entry `name` defined twice") }
      end
    end
    linker.instance("name") { |instance| instance.func_new("name") {} }
    linker.root { |root| uses.each { |use| expect { use.call(root) }.to error_with("map entry `name` defined twice") } }
  end

  it "is of use in its block alone" do
    kept = []
    linker.root { |root| (kept << root) && root.instance("outer") { |outer| kept << outer } }
    kept.each do |instance|
      uses = [-> { instance.func_new("a") {} }, -> { instance.module("a", empty) }, -> { instance.resource("a") }, -> { instance.instance("a") {} }]
      uses.each do |use|
        expect { use.call }.to error_with("LinkerInstance went out of scope")
      end
    end
  end

  it "is out of scope after an exception, too" do
    kept = nil
    expect { linker.root { |root| (kept = root) && raise(IOError, "mine") } }.to raise_error(IOError, "mine")
    expect { kept.func_new("a") {} }.to error_with("LinkerInstance went out of scope")
    expect { linker.root { |root| root.func_new("a") {} } }.not_to raise_error
  end

  it "waits while an instance within is open" do
    linker.root do |root|
      root.instance("outer") do |outer|
        [-> { root.func_new("a") {} }, -> { root.instance("a") {} }, -> { root.resource("a") }].each do |use|
          expect { use.call }.to error_with("LinkerInstance is not reentrant")
        end
        outer.func_new("one") { 1 }
      end
      root.func_new("two") { 2 }
    end
    expect([run(passing("outer", "one")), run(passing("two"))]).to eq([1, 2])
  end
end
