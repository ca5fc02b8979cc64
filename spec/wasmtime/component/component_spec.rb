# frozen_string_literal: true

require "pathname"
require "tmpdir"

RSpec.describe Wasmtime::Component::Component do
  it "makes its type once, also when Ractors ask at the same time, and keeps it" do
    expect(output_of(<<~'RUBY')).to eq("true true run")
      component = Wasmtime::Component::Component.new('(component (core module $m (func (export "f"))) (core instance $i (instantiate $m)) ' \
                                                     '(func (export "run") (canon lift (core func $i "f"))))')
      types = Array.new(4) { Ractor.new(component) { |shared| shared.type.object_id } }.map(&:take)
      GC.start
      print types.uniq == [component.type.object_id], " ", component.type.equal?(component.type), " ", component.exports.keys.first
    RUBY
  end

  let(:engine) { Wasmtime::Engine.default }
  let(:one) do
    '(component (core module $m (func (export "one") (result i32) i32.const 1)) (core instance $i (instantiate $m)) ' \
      '(func (export "one") (result s32) (canon lift (core func $i "one"))))'
  end

  def run(component)
    Wasmtime::Component::Linker.new(component.engine).instantiate(Wasmtime::Store.new(component.engine), component).invoke("one")
  end

  def error_with(message, kind = Wasmtime::Error)
    raise_error(an_instance_of(kind).and(have_attributes(message: message)))
  end

  describe ".new" do
    it "takes the text format, or the binary whatever its encoding" do
      binary = Wasmtime.wat2wasm(one)
      expect([one, binary, binary.dup.force_encoding("UTF-8")].map { |source| run(described_class.new(engine, source)) }).to eq([1, 1, 1])
    end

    it "uses the default engine when none is given" do
      component = described_class.new(one)
      expect([component.engine == engine, run(component)]).to eq([true, 1])
    end

    it "takes what converts to a String" do
      source = Struct.new(:to_str).new(one)
      expect([described_class.new(source), described_class.new(engine, source)].map { |component| run(component) }).to eq([1, 1])
    end

    it "gives frozen objects that Ractors can share, and whose component they can run" do
      component = described_class.new(one)
      expect([component.frozen?, Ractor.shareable?(component)]).to eq([true, true])
      expect(output_of(<<~RUBY)).to eq("1\nfunc() -> s32")
        component = Wasmtime::Component::Component.new(#{one.dump})
        puts(Ractor.new(component) do |mine|
          [Wasmtime::Component::Linker.new(mine.engine).instantiate(Wasmtime::Store.new(mine.engine), mine).invoke("one"), mine.exports["one"].to_s]
        end.take)
      RUBY
    end

    it "refuses what is no source" do
      expect { described_class.new(nil) }.to raise_error(TypeError, "no implicit conversion of nil into String")
      expect { described_class.new(engine) }.to raise_error(TypeError, "no implicit conversion of nil into String")
      expect { described_class.new(engine, 1) }.to raise_error(TypeError, "no implicit conversion of Integer into String")
      expect { described_class.new("no engine", one) }.to raise_error(TypeError, "no implicit conversion of String into Wasmtime::Engine")
      expect { described_class.new }.to raise_error(ArgumentError)
    end

    it "says where the source is wrong" do
      expect { described_class.new("\0asm\x0d\0\x01\0\xff\xff".b) }.to error_with(
        "Could not build component: failed to parse WebAssembly module: malformed section id (at offset 0x8)", Wasmtime::CompileError
      )
      expect { described_class.new("(component\n (func i32.cons))") }
        .to error_with(/\ACould not build component: expected `\(`\n\s+--> <anon>:2:8/, Wasmtime::CompileError)
    end

    it "says that a core module is one, in text and in binary" do
      hint = /\(this is a core module: use Wasmtime::Module\)\z/
      ["(module)", " ;; a comment\n(module (func))", Wasmtime.wat2wasm("(module)")].each do |source|
        expect { described_class.new(source) }.to raise_error(an_instance_of(Wasmtime::CompileError).and(have_attributes(message: hint, cause: nil)))
      end
    end

    it "names the option that maps need" do
      source = '(component (import "f" (func (param "x" (map u8 u8)))))'
      expect { described_class.new(source) }.to error_with(
        /\(turn it on with Wasmtime::Engine\.new\(wasm_component_model_map: true\)\)\z/, Wasmtime::CompileError
      )
      able = Wasmtime::Engine.new(wasm_component_model_map: true)
      expect(described_class.new(able, source).imports["f"].params["x"].to_s).to eq("map<u8, u8>")
    end
  end

  describe ".from_file" do
    around { |example| Dir.mktmpdir { |dir| (@dir = dir) && example.run } }

    it "takes text or binary, a String or a Pathname, an engine or none" do
      text = File.join(@dir, "one.wat")
      File.write(text, one)
      binary = Pathname(@dir).join("one.wasm").tap { |path| path.binwrite(Wasmtime.wat2wasm(one)) }
      components = [text, binary].flat_map { |path| [described_class.from_file(path), described_class.from_file(engine, path)] }
      expect(components.map { |component| run(component) }).to eq([1, 1, 1, 1])
    end

    it "says which file cannot be read, and what is no path" do
      expect { described_class.from_file("/nope.wat") }.to error_with(%r{\Afailed to read input file: /nope\.wat: No such file or directory})
      expect { described_class.from_file(engine, @dir) }.to error_with(/\Afailed to read input file: .*Is a directory/)
      expect { described_class.from_file("a\0b") }.to raise_error(ArgumentError, "path contains null byte")
      expect { described_class.from_file(engine, nil) }.to raise_error(TypeError, "no implicit conversion of nil into String")
    end

    it "raises CompileError as .new" do
      path = File.join(@dir, "module.wat")
      File.write(path, "(module)")
      expect { described_class.from_file(path) }.to error_with(/this is a core module/, Wasmtime::CompileError)
    end
  end

  describe "#serialize and .deserialize" do
    let(:bytes) { described_class.new(engine, one).serialize }

    it "give the same component back" do
      component = described_class.deserialize(engine, bytes)
      expect([bytes.encoding, run(component), component.engine == engine]).to eq([Encoding::BINARY, 1, true])
      expect(component.type).to eq(described_class.new(one).type)
      expect(component).to be_frozen
    end

    it "take what Engine#precompile_component gives" do
      expect(run(described_class.deserialize(engine, engine.precompile_component(one)))).to eq(1)
    end

    it "refuse modules, as Module refuses components" do
      expect { described_class.deserialize(engine, Wasmtime::Module.new("(module)").serialize) }.to error_with("incompatible object file format")
      expect { Wasmtime::Module.deserialize(engine, bytes) }.to error_with("incompatible object file format")
    end

    it "refuse bytes of other settings" do
      expect { described_class.deserialize(Wasmtime::Engine.new(consume_fuel: true), bytes) }
        .to error_with(/compiled without fuel support but it is enabled/)
    end

    it "refuse what is no compiled component" do
      expect { described_class.deserialize(engine, "abc") }.to error_with(/\Afailed to parse precompiled artifact/)
      expect { described_class.deserialize(engine, Wasmtime.wat2wasm(one)) }.to error_with(/\Afailed to parse precompiled artifact/)
      expect { described_class.deserialize(engine, bytes[0, 100]) }.to error_with(/\Afailed to parse/)
      expect { described_class.deserialize(engine, nil) }.to raise_error(TypeError, "no implicit conversion of nil into String")
      expect { described_class.deserialize(nil, bytes) }.to raise_error(TypeError, "no implicit conversion of NilClass into Wasmtime::Engine")
    end
  end

  describe ".deserialize_file" do
    around { |example| Dir.mktmpdir { |dir| (@dir = dir) && example.run } }

    def file(name, bytes)
      File.join(@dir, name).tap { |path| File.binwrite(path, bytes) }
    end

    it "loads what serialize gave, from a String or a Pathname" do
      path = file("one.cwasm", described_class.new(engine, one).serialize)
      expect([path, Pathname(path)].map { |given| run(described_class.deserialize_file(engine, given)) }).to eq([1, 1])
    end

    it "refuses modules, and what it cannot read" do
      path = file("module.cwasm", Wasmtime::Module.new("(module)").serialize)
      expect { described_class.deserialize_file(engine, path) }.to error_with(/incompatible object file format\z/)
      expect { described_class.deserialize_file(engine, "/nope") }.to error_with(/\Afailed to open file: No such file or directory/)
      expect { described_class.deserialize_file(engine, file("empty", "")) }.to error_with(/\Afailed to load file: .* is empty\z/)
    end

    it "does not wait for a FIFO, and opens no directory" do
      File.mkfifo(path = File.join(@dir, "fifo"))
      [path, @dir].each do |irregular|
        expect { described_class.deserialize_file(engine, irregular) }.to error_with("failed to open file: #{irregular} is no regular file")
      end
    end

    it "refuses what is no path" do
      expect { described_class.deserialize_file(engine, "a\0b") }.to raise_error(ArgumentError, "path contains null byte")
      expect { described_class.deserialize_file(engine, nil) }.to raise_error(TypeError, "no implicit conversion of nil into String")
    end
  end

  describe "#imports, #exports and #type" do
    let(:component) do
      described_class.new(<<~WAT)
        (component
          (import "code" (core module (import "" "f" (func (param i32))) (export "g" (memory 1))))
          (import "test:host/log@1.0.0" (instance
            (type $level (enum "info" "error"))
            (export "level" (type (eq $level)))
            (export "log-all" (func (param "text" (list string)) (result (result (error u8)))))))
          (import "handle" (type $handle (sub resource)))
          (import "open" (func (param "name" string) (result (own $handle))))
          (core module $m (func (export "again") (param i32) (result i32) (local.get 0)))
          (core instance $i (instantiate $m))
          (func (export "again") (param "number" u32) (result (own $handle)) (canon lift (core func $i "again"))))
      WAT
    end

    it "are of every kind, by name and in order, frozen" do
      types = Wasmtime::Component
      expect(component.imports.transform_values(&:class)).to eq(
        "code" => types::ModuleType, "test:host/log@1.0.0" => types::InstanceType, "handle" => types::ResourceType, "open" => types::FuncType
      )
      expect(component.exports.keys).to eq(["again"])
      expect([component.imports, component.exports, component.type]).to all(be_frozen)
      expect(component.exports["again"].result.resource).to eq(component.imports["handle"])
    end

    it "print as WIT" do
      expect(component.type.to_s).to eq(<<~WIT.chomp)
        world root {
          import code: (module (import "" "f" (func (param i32))) (export "g" (memory 1)));
          import test:host/log@1.0.0: interface {
            enum level {
              info,
              error,
            }
            log-all: func(text: list<string>) -> result<_, u8>;
          }
          resource handle;
          import open: func(name: string) -> handle;
          export again: func(number: u32) -> handle;
        }
      WIT
    end

    it "take part in pattern matching" do
      component.type => { imports: { code: { exports: [memory] }, open: { params: { name: } } }, exports: }
      exports => { again: Wasmtime::Component::FuncType => again }
      expect([memory.name, name, again.to_s]).to eq(["g", :string, "func(number: u32) -> resource-1"])
    end

    it "are equal for each reading, and empty for an empty component" do
      expect(component.type).to eq(component.type)
      empty = described_class.new("(component)")
      expect([empty.imports, empty.exports]).to eq([{}, {}])
    end
  end

  it "shows what it imports and exports" do
    expect(described_class.new(one).inspect).to eq("#<Wasmtime::Component::Component 0 imports, exports one>")
  end

  it "cannot be made or copied without its native half" do
    component = described_class.new(one)
    expect { described_class.allocate }.to raise_error(TypeError)
    expect { component.dup }.to raise_error(TypeError)
    expect { component.clone }.to raise_error(TypeError)
    expect { Marshal.dump(component) }.to raise_error(TypeError)
  end

  it "keeps its native half private", :untyped do
    expect(described_class.singleton_methods(false)).to contain_exactly(:new, :from_file, :deserialize, :deserialize_file, :load)
  end
end
