# frozen_string_literal: true

require_relative "references"
require_relative "component_leaks"

# What must not leak, for spec/hazards/leak_spec.rb and `rake soak`.
module Leaks
  # What one iteration does, and how many there are when it takes longer than most. Before it runs there are `mod`, `echo` (an instance), `linker`,
  # and what else {program}, {References.setup} and {ComponentLeaks.setup} make.
  SCENARIOS = {
    "stores" => "Wasmtime::Store.new",
    "stores that are closed" => "Wasmtime::Store.open { |s| Wasmtime::Instance.new(s, mod) }",
    "instances with a memory, a table and a global" => "Wasmtime::Instance.new(Wasmtime::Store.new, full).exports",
    "host functions of a store each" => "Wasmtime::Func.new(Wasmtime::Store.new, [:i32], [:i32]) { |_c, n| n }.call(1)",
    "linkers with host functions" => "l = Wasmtime::Linker.new; l.func_new('a', 'b', [], []) {}; l.instantiate(Wasmtime::Store.new, mod)",
    "copies of a linker" => "linker.dup.instantiate(Wasmtime::Store.new, mod)",
    "resolved modules" => "linker.instantiate_pre(mod).instantiate(Wasmtime::Store.new)",
    "instances of one resolved module" => "pre.instantiate(Wasmtime::Store.new)",
    "calls with an externref" => "echo.invoke('echo', Object.new)",
    "calls with large numbers" => "echo.invoke('big', 2**63)",
    "externrefs in a table" => "table.set(0, Object.new)",
    "functions out of a table" => "echo.invoke('func')",
    "traps" => "raised { echo.invoke('trap') }",
    "stack overflows" => ["raised { echo.invoke('deep') }", 1_000],
    "exceptions out of host blocks" => "raised { failing.invoke('run') }",
    "throws out of host blocks" => "catch(:out) { throwing.invoke('run') }",
    "exceptions of WebAssembly" => "raised { echo.invoke('throw') }",
    "exceptions thrown to the guest" => "raised { catching.invoke('catch') }; raised { catching.invoke('run') }",
    "structs made by Ruby" => ["Wasmtime::StructRef.new(echo.store, struct, [1, nil])", 100_000],
    "arrays made by Ruby" => "Wasmtime::ArrayRef.new(echo.store, array, [1, 2, 3]).sum",
    "structs made by the guest" => ["echo.invoke('make')", 100_000],
    "structs that never leave the guest" => "echo.invoke('litter', 100)",
    "structs that refer to each other" => "a, b = Array.new(2) { echo.invoke('make') }; a[0] = b; b[0] = a",
    "references that change sides" => "a = echo.invoke('make'); a.to_extern.to_any; Wasmtime::AnyRef.from_extern(echo.store, a).to_extern",
    "types with an identity" => "Wasmtime::StructType.new(engine, [struct]).fields.first.type.type.hash; echo.invoke('make').type",
    "vectors" => "echo.invoke('vector', Wasmtime::V128.i32x4(1, 2, 3, 4)).i32x4",
    "tags" => ["s = Wasmtime::Store.new; Wasmtime::Tag.new(s, [:i32]).exception(1)", 3_000],
    "failed links" => "raised { Wasmtime::Instance.new(Wasmtime::Store.new, importing) }",
    "failed compilations" => ["raised { compile('(module (func (result i32)))') }", 2_000],
    "texts that do not parse" => "raised { compile('(module (nonsense') }",
    "compiled modules" => ["compile('(module (func (export \"f\") (param i32) (result i32) local.get 0))')", 1_000],
    "modules that were serialized" => ["Wasmtime::Module.deserialize(engine, bytes)", 3_000],
    "reflections" => "full.exports.each(&:type); importing.imports.each(&:type)",
    "engines" => ["Wasmtime::Engine.new(consume_fuel: true)", 1_000],
    "engines that are refused" => ["raised { Wasmtime::Engine.new(max_wasm_stack: 0) }", 1_000],
    "memory reads and writes" => "memory.write(0, 'text' * 100); memory.read(0, 1000); memory.read_utf8(0, 4)",
    "views" => "memory.view { |b| b.slice(0, 8) }",
    "views that are left by an exception" => "raised { memory.view { raise 'out' } }",
    "memories and tables in a store each" =>
      "s = Wasmtime::Store.new; Wasmtime::Memory.new(s, min_size: 1); Wasmtime::Global.var(s, :externref, s); " \
      "Wasmtime::Table.new(s, :externref, Object.new, min_size: 10)",
    "arguments that do not fit" => "raised { echo.invoke('echo') }; raised { echo.invoke('big', 'x') }; raised { echo.invoke('nothing') }",
    "calls in a thread each" => ["Thread.new { echo.invoke('echo', 1) }.join", 3_000],
    "calls in a fiber each" => ["Fiber.new { echo.invoke('echo', 1) }.resume", 5_000],
    "calls without the GVL" => "released.call(Object.new)",
    "timeouts" => ["raised { Timeout.timeout(0.001) { echo.invoke('loop') } }", 20],
    "calls with a timeout" => "echo.invoke('echo', 1, timeout: 9)",
    "calls that time out" => ["raised { echo.invoke('loop', timeout: 0.001) }", 20],
    "stores with WASI" => [
      "c = Wasmtime::WasiConfig.new.set_argv(['a']).set_stdout_buffer(+'', 9); wasi.instantiate(Wasmtime::Store.new(wasi_config: c), sleeping)",
      2_000
    ],
    "runs of a program" => ["Wasmtime.run(program, 'a')", 2_000],
    "runs with Ruby objects for streams" => ["Wasmtime.run(program, stdin: StringIO.new('a'), stdout: StringIO.new, stderr: ->(line) {})", 1_000],
    "runs that trap" => ["Wasmtime.run(trapping, stdout: StringIO.new)", 1_000],
    "sleeps" => ["sleeper.invoke('sleep', 1)", 2_000],
    "polls that go to Wasmtime" => ["sleeper.invoke('poll')", 2_000],
    "blocks of an epoch deadline" => ["s = Wasmtime::Store.new(epochs); s.on_epoch_deadline { :trap }; s.set_epoch_deadline(0)", 2_000],
    "linkers that fill in what is missing" => [
      "l = Wasmtime::Linker.new; l.define_unknown_imports_as_traps(importing); l.define_all('z' => { z: -> {} })", 5_000
    ]
  }.merge(References::SCENARIOS, ComponentLeaks::SCENARIOS).freeze
  USUAL = 10_000

  # Sleeps, and waits for a stream that is ready.
  SLEEPING = <<~WAT
    (module
      (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
      (memory (export "memory") 1)
      (func (export "sleep") (param i64) (i64.store (i32.const 24) (local.get 0))
        (i32.store8 (i32.const 8) (i32.const 0)) (drop (call $poll (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 128))))
      (func (export "poll") (i32.store8 (i32.const 8) (i32.const 2)) (i32.store (i32.const 16) (i32.const 1))
        (drop (call $poll (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 128)))))
  WAT

  # A program that does a scenario `count` times, up to four times over, and prints whether memory and handles stay as they were. After
  # {Hazards::PRELUDE}.
  def self.program(code, count)
    <<~RUBY
      SLEEPING = #{SLEEPING.dump}
      mod = compile('(module (func (export "f")))')
      full = compile('(module (memory (export "m") 1) (table (export "t") 3 funcref) (global (export "g") (mut i64) (i64.const 1)) (func (export "f") (param i32)))')
      importing = compile('(module (import "a" "b" (func (param i32))) (import "a" "c" (memory 1)))')
      bytes = mod.serialize
      linker = Wasmtime::Linker.new
      linker.func_new("a", "b", [], []) {}
      pre = linker.instantiate_pre(mod)
      wasi = Wasmtime::Linker.new.tap { |l| Wasmtime::WASI::P1.add_to_linker_sync(l) }
      epochs = Wasmtime::Engine.new(epoch_interruption: true)
      program = compile('(module (memory (export "memory") 1) (func (export "_start")))')
      trapping = compile('(module (func (export "_start") unreachable))')
      require "stringio"
      sleeping = compile(SLEEPING)
      sleeper = wasi.instantiate(Wasmtime::Store.new(wasi_config: Wasmtime::WasiConfig.new), sleeping)
      sleeper.invoke('poll')
      echo = build('(module (table (export "t") 2 externref) (memory (export "m") 1) (tag $e (param i32)) (func $f) (elem declare func $f)
        (func (export "echo") (param externref) (result externref) local.get 0) (func (export "big") (param i64) (result i64) local.get 0)
        (func (export "func") (result funcref) ref.func $f) (func (export "trap") unreachable) (func (export "throw") i32.const 1 throw $e)
        (type $link (struct (field (mut anyref))))
        (func (export "make") (result (ref $link)) (struct.new $link (ref.null any)))
        (func (export "litter") (param i32) (loop $more (drop (struct.new $link (ref.null any)))
          (br_if $more (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
        (func (export "vector") (param v128) (result v128) local.get 0)
        (func $deep (export "deep") (result i32) (i32.add (call $deep) (i32.const 1))) (func (export "loop") (loop $l br $l)))')
      table = echo.export("t")
      memory = echo.export("m")
      released = echo.export("echo").to_func(gvl: false)
      #{References.setup}
      #{ComponentLeaks.setup}
      failing, throwing = [-> { raise "boom" }, -> { throw :out }].map { |b| build(CALLING, { "" => { "" => b } }) }
      struct = Wasmtime::StructType.new(engine, [:i32, Wasmtime::FieldType.var(:anyref)])
      array = Wasmtime::ArrayType.new(engine, Wasmtime::FieldType.var(:i8))
      catching = build('(module (import "" "" (func $f)) (func (export "run") call $f)
        (func (export "catch") (block $b (try_table (catch_all $b) (call $f)))))', { "" => { "" => -> { raise tag, 1 } } })
      tag = Wasmtime::Tag.new(catching.store, [:i32])
      # A function keeps its type once it was called.
      echo.invoke('make')
      count = #{count}
      step = -> { #{code} }
      collect = -> { apart { 3.times { GC.start }; nil } }
      eventually { live == 3 }
      apart { step.call; nil }
      collect.call
      live_then = Wasmtime._live_handles
      apart { (count / 4).times { step.call }; nil }
      collect.call
      # Ruby's heap may grow once; a leak grows again and again.
      grown = Array.new(3) do
        before = rss
        apart { count.times { step.call }; nil }
        collect.call
        break [rss - before] if rss - before < 10
        rss - before
      end.min
      gone = eventually { echo.store.gc; heap.store.gc; counted.invoke('drops'); Wasmtime._live_handles.all? { |kind, number| number <= live_then[kind] } }
      puts grown < 10 ? "flat" : "grew by \#{grown.round(1)} MiB", gone ? "none alive" : Wasmtime._live_handles.select { |kind, number| number > live_then[kind] }.inspect
    RUBY
  end

  FLAT = ["flat", "none alive"].freeze
end
