# frozen_string_literal: true

require "spec_helper"
require "json"

RSpec.describe "wasmtime-rb inspect" do
  # What it says of a text, as lines or as JSON.
  def inspected(wat, *options)
    ran = cli("inspect", *options, write("a.wasm", Wasmtime.wat2wasm(wat)))
    expect(ran).to have_attributes(status: 0, stderr: "")
    options.include?("--json") ? JSON.parse(ran.stdout) : ran.stdout
  end

  def features(wat)
    inspected(wat, "--json").fetch("features")
  end

  it "shows a module's size, name, imports and exports as WAT" do
    expect(inspected(CommandLine::MODULE)).to eq(<<~TEXT)
      #{folder}/a.wasm: a module named "calculator", a library
      size: #{File.size(File.join(folder, 'a.wasm'))} bytes
      features: none beyond WebAssembly 1.0
      wasi: none
      imports: 1
        (import "env" "unused" (func))
      exports: 2
        (export "add" (func (param i32 i32) (result i32)))
        (export "memory" (memory 1 2))
    TEXT
  end

  it "shows a component's world as WIT" do
    expect(inspected(CommandLine::COMPONENT)).to eq(<<~TEXT)
      #{folder}/a.wasm: a component, a library
      size: #{File.size(File.join(folder, 'a.wasm'))} bytes
      features: none beyond WebAssembly 1.0
      wasi: none
      imports: 0
      exports: 2
      world root {
        export twice: func(number: u32) -> u32;
        export test:guest/math@1.0.0: interface {
          double: func(number: u32) -> u32;
        }
      }
    TEXT
  end

  it "takes the text format, and gives the size of the file" do
    ran = cli("inspect", write("a.wat", CommandLine::MODULE))
    expect(ran.stdout.lines.first(2)).to eq(["#{folder}/a.wat: a module named \"calculator\" in the text format, a library\n",
                                             "size: #{CommandLine::MODULE.bytesize} bytes\n"])
    expect(cli("inspect", "--json", write("a.wat", CommandLine::COMPONENT)).stdout).to include('"format": "text"')
  end

  it "prints JSON for machines" do
    expect(inspected(CommandLine::MODULE, "--json")).to eq(
      "file" => "#{folder}/a.wasm", "kind" => "module", "format" => "binary", "role" => "library", "name" => "calculator",
      "size" => File.size(File.join(folder, "a.wasm")), "features" => [], "default_engine" => true,
      "wasi" => { "preview1" => {}, "preview2" => {} }, "permissions" => [],
      "imports" => [{ "module" => "env", "name" => "unused", "type" => "(func)" }],
      "exports" => [{ "name" => "add", "type" => "(func (param i32 i32) (result i32))" }, { "name" => "memory", "type" => "(memory 1 2)" }]
    )
    expect(inspected(CommandLine::COMPONENT, "--json")).to include(
      "kind" => "component", "name" => nil, "imports" => [], "exports" => ["twice", "test:guest/math@1.0.0"],
      "wit" => a_string_starting_with("world root {\n  export twice: func(number: u32) -> u32;")
    )
  end

  it "tells commands, reactors and libraries apart" do
    {
      '(module (func (export "_start")))' => "command", '(module (func (export "_initialize")))' => "reactor", "(module)" => "library",
      '(component (instance $i) (export "wasi:cli/run@0.2.6" (instance $i)))' => "command", "(component)" => "library",
      '(component (instance $i) (export "wasi:http/incoming-handler@0.2.6" (instance $i)))' => "http handler"
    }.each { |wat, role| expect(inspected(wat, "--json")).to include("role" => role) }
  end

  it "finds the name of a component" do
    expect(inspected("(component $shop)", "--json")).to include("name" => "shop")
    expect(inspected("(component $shop)")).to start_with("#{folder}/a.wasm: a component named \"shop\", a library\n")
  end

  it "takes no harm from a name section that is damaged" do
    ["\x04name", "\x04name\x00\x05\x04ab", "\x04name\x00\xff\xff\xff\xff\xff\xff", "\x04name\x01\x00", "\x04name\x00\x03\x02\xff\xfe"].each do |body|
      path = write("a.wasm", "\0asm\1\0\0\0\0".b + [body.bytesize].pack("C") + body.b)
      expect(cli("inspect", path)).to have_attributes(status: 0, stderr: "", stdout: a_string_matching(/: a module( named "\?\?")?, a library$/))
    end
  end

  describe "the features" do
    {
      "(module (func (param externref)))" => %w[reference-types],
      "(module (func (result i32 i32) (i32.const 1) (i32.const 2)))" => %w[multi-value],
      "(module (memory 1) (func (memory.fill (i32.const 0) (i32.const 0) (i32.const 1))))" => %w[bulk-memory],
      "(module (func (local v128)))" => %w[simd],
      "(module (func (param v128) (drop (i32x4.relaxed_trunc_f32x4_s (local.get 0)))))" => %w[simd relaxed-simd],
      "(module (memory 1 1 shared))" => %w[threads],
      "(module (func $f (return_call $f)))" => %w[tail-call],
      "(module (memory 1) (memory 1))" => %w[multi-memory],
      "(module (memory i64 1))" => %w[memory64],
      "(module (table i64 1 funcref))" => %w[memory64],
      "(module (type $t (func)) (func (param (ref $t)) (call_ref $t (local.get 0))))" => %w[reference-types function-references],
      "(module (type (struct (field i32))))" => %w[gc],
      "(module (tag (param i32)))" => %w[exception-handling],
      "(module (func (param i64) (i64.mul_wide_u (local.get 0) (local.get 0)) (drop) (drop)))" => %w[wide-arithmetic],
      "(module (memory 1 (pagesize 1)))" => %w[custom-page-sizes],
      "(module (type $f (func)) (type (cont $f)))" => %w[stack-switching],
      "(module (func (param i32) (result i32) (i32.extend8_s (local.get 0))))" => []
    }.each do |wat, expected|
      it "are #{expected.empty? ? 'none' : expected.join(' and ')} in #{wat}" do
        expect(features(wat)).to eq(expected)
      end
    end

    it "are those of every core module in a component, however deep" do
      expect(features(<<~WAT)).to eq(%w[bulk-memory simd])
        (component
          (core module (func (local v128)))
          (component (component (core module (memory 1) (func (memory.fill (i32.const 0) (i32.const 0) (i32.const 1)))))))
      WAT
    end

    it "include maps of components" do
      expect(features('(component (import "a" (func (param "x" (map string u8)))))')).to eq(%w[component-model-map])
    end

    it "come with the reason when the default engine has not all of them" do
      wat = "(module (type $f (func)) (type (cont $f)))"
      expect(inspected(wat)).to match(/^features: stack-switching\n  refused by the default engine: .*Engine\.new\(wasm_stack_switching: true\)/)
      expect(inspected(wat, "--json")).to include("default_engine" => false)
      expect { Wasmtime::Module.new(wat) }.to raise_error(Wasmtime::CompileError)
    end
  end

  describe "WASI" do
    it "is told for preview 1 by group, with the permissions it hints at" do
      names = %w[fd_write path_open fd_readdir clock_time_get poll_oneoff random_get args_get environ_get sock_accept proc_exit fd_prestat_get]
      wat = "(module #{names.map { |name| "(import \"wasi_snapshot_preview1\" \"#{name}\" (func))" }.join} (import \"wasi\" \"path_open\" (func)))"
      expect(inspected(wat)).to include(<<~TEXT)
        wasi: preview 1
          arguments    args_get
          environment  environ_get
          clock        clock_time_get poll_oneoff
          random       random_get
          network      sock_accept
          exit         proc_exit
          files        path_open fd_readdir fd_prestat_get
          stdio        fd_write
        permissions it hints at:
          files        --dir and --dir-rw give directories
          environment  --env gives variables
          arguments    the words after FILE
          stdio        that of this process
          clock        always given
          random       always given
          network      not given by run: Wasmtime::WasiConfig#inherit_network
      TEXT
    end

    it "is told for preview 2 by interface and version" do
      names = %w[wasi:cli/stdout@0.2.6 wasi:http/outgoing-handler@0.2.0 wasi:sockets/tcp@0.2.3 wasi:io/poll@0.2.6 wasi:logging/logging test:a/b]
      wat = "(component #{names.map { |name| "(import \"#{name}\" (instance))" }.join})"
      expect(inspected(wat, "--json")).to include(
        "permissions" => %w[stdio network http], "imports" => names,
        "wasi" => { "preview1" => {}, "preview2" => {
          "stdio" => ["wasi:cli/stdout@0.2.6"], "network" => ["wasi:sockets/tcp@0.2.3"], "http" => ["wasi:http/outgoing-handler@0.2.0"],
          "streams" => ["wasi:io/poll@0.2.6"], "other" => ["wasi:logging/logging"]
        } }
      )
    end

    it "is found in real programs" do
      module_json = JSON.parse(cli("inspect", "--json", guest_path("probe")).stdout)
      component_json = JSON.parse(cli("inspect", "--json", guest_path("probe_component")).stdout)
      expected = { "role" => "command", "permissions" => a_collection_including("files", "stdio", "clock") }
      expect(module_json).to include("kind" => "module", **expected)
      expect(component_json).to include("kind" => "component", **expected)
      expect(component_json.dig("wasi", "preview2", "stdio")).to include(a_string_starting_with("wasi:cli/stdout@0.2."))
      expect(component_json.fetch("wit")).to include("export wasi:cli/run@0.2.")
    end
  end

  it "shows what the compiled file itself shows" do
    names = %w[probe reactor host]
    names.each do |name|
      mod = Wasmtime::Module.from_file(guest_path(name))
      lines = cli("inspect", guest_path(name)).stdout.lines(chomp: true)
      expect(lines & mod.imports.map { |item| "  #{item}" }).to eq(mod.imports.map { |item| "  #{item}" }.uniq)
      expect(lines.last(mod.exports.size)).to eq(mod.exports.map { |item| "  #{item}" })
    end
    component = Wasmtime::Component::Component.from_file(guest_path("probe_component"))
    expect(cli("inspect", guest_path("probe_component")).stdout).to end_with("#{component.type}\n")
  end

  it "runs nothing and keeps nothing" do
    ran = program("inspect", write("a.wat", "(module (func $spin (loop $again (br $again))) (start $spin))"))
    expect(ran).to have_attributes(status: 0, stderr: "")
    expect(Dir.children(folder)).to eq(["a.wat"])
  end

  it "refuses or shows whatever stands in a file, and says so in one line", :slow do
    [CommandLine::MODULE, CommandLine::COMPONENT].each do |wat|
      binary = Wasmtime.wat2wasm(wat).b
      random = Random.new(7)
      damaged = (1...binary.bytesize).map { |size| binary.byteslice(0, size) }
      damaged += Array.new(300) { binary.dup.tap { |bytes| bytes.setbyte(random.rand(4...bytes.bytesize), random.rand(256)) } }
      damaged.each do |bytes|
        ran = cli("inspect", write("a.wasm", bytes))
        expect(ran.status == 0 ? ran.stderr : ran.stderr.sub(/\Awasmtime-rb: [[:print:]]+\n\z/, "")).to eq("")
        expect([0, 1]).to include(ran.status)
      end
    end
  end

  it "refuses components that are nested without end" do
    nested = "\0asm\x0d\0\1\0".b
    200.times { nested = "\0asm\x0d\0\1\0\4".b + [(nested.bytesize & 0x7f) | 0x80, nested.bytesize >> 7].pack("CC") + nested }
    expect(cli("inspect", write("a.wasm", nested))).to refused(1, "components are nested more than 100 deep")
  end

  it "wants one file" do
    expect(cli("inspect")).to refused(2, "no FILE was given (see wasmtime-rb inspect --help)")
    expect(cli("inspect", "a", "b")).to refused(2, 'expected one FILE, got 2: "a", "b"')
  end
end
