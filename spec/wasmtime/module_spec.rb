# frozen_string_literal: true

require "pathname"
require "tmpdir"

RSpec.describe Wasmtime::Module do
  let(:engine) { Wasmtime::Engine.default }
  let(:gcd) { '(module (func (export "one") (result i32) i32.const 1))' }

  def run(mod)
    Wasmtime::Instance.new(Wasmtime::Store.new(mod.engine), mod).invoke("one")
  end

  describe ".new" do
    it "takes the text format, or the binary" do
      expect(run(described_class.new(engine, gcd))).to eq(1)
      expect(run(described_class.new(engine, Wasmtime.wat2wasm(gcd)))).to eq(1)
    end

    it "uses the default engine when none is given" do
      mod = described_class.new(gcd)
      expect(mod.engine).to eq(Wasmtime::Engine.default)
      expect(run(mod)).to eq(1)
    end

    it "takes the binary whatever its encoding" do
      expect(run(described_class.new(Wasmtime.wat2wasm(gcd).force_encoding("UTF-8")))).to eq(1)
    end

    it "takes what converts to a String" do
      text = gcd
      source = Object.new
      source.define_singleton_method(:to_str) { text }
      expect(run(described_class.new(engine, source))).to eq(1)
      expect(run(described_class.new(source))).to eq(1)
    end

    it "gives frozen objects that Ractors can share" do
      mod = described_class.new(gcd)
      expect(mod).to be_frozen
      expect(Ractor.make_shareable(mod)).to equal(mod)
    end

    it "refuses what is no source" do
      expect { described_class.new(nil) }.to raise_error(TypeError, "no implicit conversion of nil into String")
      expect { described_class.new(engine) }.to raise_error(TypeError, "no implicit conversion of nil into String")
      expect { described_class.new(engine, 1) }.to raise_error(TypeError, "no implicit conversion of Integer into String")
      expect { described_class.new("no engine", gcd) }.to raise_error(TypeError, "no implicit conversion of String into Wasmtime::Engine")
      expect { described_class.new }.to raise_error(ArgumentError)
    end

    it "says at which offset a binary is wrong" do
      expect { described_class.new("\0asm\x01\0\0\0\xff\xff") }.to raise_error(
        an_instance_of(Wasmtime::CompileError)
          .and(have_attributes(message: "Could not build module: failed to parse WebAssembly module: malformed section id (at offset 0x8)"))
      )
    end

    it "says at which line and column a text is wrong" do
      expect { described_class.new("(module\n (func i32.cons))") }.to raise_error(
        Wasmtime::CompileError, /\ACould not build module: unknown operator or unexpected token\n\s+--> <anon>:2:8/
      )
    end

    it "says which function is wrong" do
      expect { described_class.new("(module (func) (func (result i32)))") }
        .to raise_error(Wasmtime::CompileError, /function\[1\].*offset \d+: type mismatch: expected i32 but nothing on stack/)
    end

    it "lets other threads run meanwhile" do
      wat = "(module #{(1..400).map { |i| "(func (param i32) (result i32) #{"local.get 0 i32.const #{i} i32.mul drop " * 40} local.get 0)" }.join})"
      count = 0
      counter = Thread.new { loop { (count += 1) && sleep(0.001) } }
      described_class.new(wat)
      expect(count).to be > 0
    ensure
      counter&.kill&.join
    end

    it "compiles the same String in several threads" do
      source = +gcd
      results = Array.new(4) { Thread.new { run(described_class.new(source)) } }.map(&:value)
      expect(results).to eq([1, 1, 1, 1])
    end
  end

  describe ".from_file" do
    around { |example| Dir.mktmpdir { |dir| (@dir = dir) && example.run } }

    it "takes text or binary, a String or a Pathname, an engine or none" do
      path = File.join(@dir, "gcd.wat")
      File.write(path, gcd)
      binary = Pathname(@dir).join("gcd.wasm")
      binary.binwrite(Wasmtime.wat2wasm(gcd))
      mods = [described_class.from_file(engine, path), described_class.from_file(path), described_class.from_file(engine, binary),
              described_class.from_file(binary)]
      expect(mods.map { |mod| run(mod) }).to eq([1, 1, 1, 1])
    end

    it "says which file cannot be read, and why" do
      expect { described_class.from_file("/nope.wat") }.to raise_error(
        an_instance_of(Wasmtime::Error).and(have_attributes(message: %r{\Afailed to read input file: /nope\.wat: No such file or directory}))
      )
      expect { described_class.from_file(engine, @dir) }.to raise_error(Wasmtime::Error, /\Afailed to read input file: .*Is a directory/)
    end

    it "refuses what is no path" do
      expect { described_class.from_file(engine, nil) }.to raise_error(TypeError, "no implicit conversion of nil into String")
      expect { described_class.from_file(1) }.to raise_error(TypeError, "no implicit conversion of Integer into String")
      expect { described_class.from_file("a\0b") }.to raise_error(ArgumentError, "path contains null byte")
    end

    it "raises CompileError as .new" do
      path = File.join(@dir, "bad.wat")
      File.write(path, "(module (func i32.cons))")
      expect { described_class.from_file(path) }.to raise_error(Wasmtime::CompileError, /unknown operator/)
    end
  end

  describe ".validate" do
    it "is true for what could be compiled" do
      expect(described_class.validate(engine, gcd)).to be(true)
      expect(described_class.validate(Wasmtime.wat2wasm(gcd))).to be(true)
    end

    it "raises with the reason" do
      expect { described_class.validate("(module (func (result i32)))") }
        .to raise_error(Wasmtime::CompileError, "type mismatch: expected i32 but nothing on stack (at offset 0x18)")
      expect { described_class.validate("\0asm\x01\0\0\0\x01") }.to raise_error(Wasmtime::CompileError, "unexpected end-of-file (at offset 0x9)")
      expect { described_class.validate("(module") }.to raise_error(Wasmtime::CompileError, /\ACould not build module: expected `\)`/)
      expect { described_class.validate("") }.to raise_error(Wasmtime::CompileError)
    end

    it "refuses what is no source" do
      expect { described_class.validate(nil) }.to raise_error(TypeError, "no implicit conversion of nil into String")
      expect { described_class.validate(1, gcd) }.to raise_error(TypeError, "no implicit conversion of Integer into Wasmtime::Engine")
    end
  end

  describe "#serialize and .deserialize" do
    it "give the same module back" do
      bytes = described_class.new(engine, gcd).serialize
      expect(bytes.encoding).to eq(Encoding::BINARY)
      mod = described_class.deserialize(engine, bytes)
      expect(run(mod)).to eq(1)
      expect(mod.exports).to eq(described_class.new(gcd).exports)
      expect(mod.engine).to eq(engine)
    end

    it "refuse bytes of other settings" do
      bytes = described_class.new(Wasmtime::Engine.new(consume_fuel: true), gcd).serialize
      expect { described_class.deserialize(engine, bytes) }
        .to raise_error(an_instance_of(Wasmtime::Error).and(have_attributes(message: /compiled with fuel support but it is not enabled/)))
    end

    it "refuse what is no compiled module" do
      expect { described_class.deserialize(engine, "abc") }.to raise_error(an_instance_of(Wasmtime::Error), /failed to parse precompiled artifact/)
      expect { described_class.deserialize(engine, "") }.to raise_error(an_instance_of(Wasmtime::Error))
      expect { described_class.deserialize(engine, Wasmtime.wat2wasm(gcd)) }.to raise_error(an_instance_of(Wasmtime::Error))
      expect { described_class.deserialize(engine, described_class.new(gcd).serialize[0, 100]) }.to raise_error(an_instance_of(Wasmtime::Error))
      expect { described_class.deserialize(engine, nil) }.to raise_error(TypeError, "no implicit conversion of nil into String")
      expect { described_class.deserialize(nil, "abc") }.to raise_error(TypeError, /into Wasmtime::Engine/)
    end

    it "take what Engine#precompile_module gives" do
      expect(run(described_class.deserialize(engine, engine.precompile_module(gcd)))).to eq(1)
    end
  end

  describe ".deserialize_file" do
    it "loads what serialize gave, from a String or a Pathname" do
      Dir.mktmpdir do |dir|
        path = File.join(dir, "gcd.cwasm")
        File.binwrite(path, described_class.new(engine, gcd).serialize)
        expect(run(described_class.deserialize_file(engine, path))).to eq(1)
        expect(run(described_class.deserialize_file(engine, Pathname(path)))).to eq(1)
      end
    end

    it "refuses files it cannot read, and what is no path" do
      expect { described_class.deserialize_file(engine, "/nope") }
        .to raise_error(an_instance_of(Wasmtime::Error).and(have_attributes(message: /failed to open file: No such file or directory/)))
      expect { described_class.deserialize_file(engine, "a\0b") }.to raise_error(ArgumentError, "path contains null byte")
      expect { described_class.deserialize_file(engine, nil) }.to raise_error(TypeError, "no implicit conversion of nil into String")
    end
  end

  describe "#imports and #exports" do
    let(:mod) do
      described_class.new(Wasmtime::Engine.new(wasm_exceptions: true), <<~WAT)
        (module
          (import "a" "f" (func (param i32) (result i64)))
          (import "a" "g" (global (mut f32)))
          (import "b" "m" (memory 1 2))
          (import "" "t" (table 1 externref))
          (import "b" "e" (tag (param i32)))
          (export "f" (func 0)) (export "" (global 0)) (export "ü" (memory 0)) (export "t" (table 0)) (export "e" (tag 0)))
      WAT
    end

    it "are in order, with names and types" do
      expect(mod.imports.map(&:to_s)).to eq([
                                              '(import "a" "f" (func (param i32) (result i64)))', '(import "a" "g" (global (mut f32)))',
                                              '(import "b" "m" (memory 1 2))', '(import "" "t" (table 1 externref))',
                                              '(import "b" "e" (tag (param i32)))'
                                            ])
      expect(mod.exports.map(&:name)).to eq(["f", "", "ü", "t", "e"])
      expect(mod.exports.map { |export| export.type.to_s })
        .to eq(["(func (param i32) (result i64))", "(global (mut f32))", "(memory 1 2)", "(table 1 externref)", "(tag (param i32))"])
    end

    it "have names in UTF-8" do
      expect(mod.exports.map { |export| export.name.encoding }.uniq).to eq([Encoding::UTF_8])
    end

    it "are empty for an empty module" do
      empty = described_class.new("(module)")
      expect([empty.imports, empty.exports]).to eq([[], []])
    end

    it "never abort: every type has a name" do
      mod = described_class.new(<<~WAT)
        (module
          (type $s (struct (field i32))) (type $a (array i8)) (type $f (func))
          (import "" "1" (global anyref)) (import "" "2" (global (ref null $s))) (import "" "3" (global (ref $a)))
          (import "" "4" (global (ref null $f))) (import "" "5" (global v128)) (import "" "6" (global i31ref))
          (import "" "7" (func (param (ref null none) (ref null exn)) (result (ref extern)))))
      WAT
      expect(mod.imports.map { |import| import.type.to_s }).to eq(
        ["(global anyref)", "(global (ref null $struct))", "(global (ref $array))", "(global (ref null $func))", "(global v128)",
         "(global i31ref)", "(func (param nullref exnref) (result (ref extern)))"]
      )
    end

    it "raise for continuation types, which the C API cannot describe" do
      engine = Wasmtime::Engine.new(wasm_stack_switching: true)
      mod = described_class.new(engine, '(module (type $f (func)) (type $c (cont $f)) (import "a" "b" (func (param (ref null $c)))))')
      expect { mod.imports }.to raise_error(an_instance_of(Wasmtime::Error), /continuation/i)
    end
  end

  it "has an engine that equals the one it was made with" do
    engine = Wasmtime::Engine.new(consume_fuel: true)
    expect(described_class.new(engine, gcd).engine).to eq(engine)
  end

  it "tells where its native code lies" do
    mod = described_class.new("(module (func))")
    range = mod.image_range
    expect([range.exclude_end?, range.begin.positive?, range.size.positive?]).to eq([true, true, true])
    expect(described_class.new("(module)").image_range.begin).not_to eq(range.begin)
  end

  it "shows how many imports and exports it has, and its size" do
    expect(described_class.new(gcd).inspect).to match(/\A#<Wasmtime::Module 0 imports 1 exports \d+ KB>\z/)
  end

  it "cannot be made or copied without its native half" do
    expect { described_class.allocate }.to raise_error(TypeError)
    expect { described_class.new(gcd).dup }.to raise_error(TypeError)
    expect { described_class.new(gcd).clone }.to raise_error(TypeError)
    expect { Marshal.dump(described_class.new(gcd)) }.to raise_error(TypeError)
  end

  it "keeps its native half private", :untyped do
    expect(described_class.singleton_methods(false)).to contain_exactly(:new, :from_file, :validate, :deserialize, :deserialize_file, :load)
  end
end
