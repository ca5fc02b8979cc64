# frozen_string_literal: true

# What it costs that guests can be stopped: the same work with an engine whose guests cannot.
require_relative "support"
require "tmpdir"

engines = { stoppable: Wasmtime::Engine.new, unstoppable: Wasmtime::Engine.new(interruptible: false) }
wat = <<~WAT
  (module
    (memory (export "memory") 16)
    (func (export "bytes") (result i32) (local $at i32) (local $sum i32)
      (loop $again
        (local.set $sum (i32.add (local.get $sum) (i32.load8_u (local.get $at))))
        (br_if $again (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 1))) (i32.const 1000000))))
      (local.get $sum))
    (func $fib (export "fib") (param $n i32) (result i32)
      (if (result i32) (i32.lt_u (local.get $n) (i32.const 2))
        (then (local.get $n))
        (else (i32.add (call $fib (i32.sub (local.get $n) (i32.const 1))) (call $fib (i32.sub (local.get $n) (i32.const 2))))))))
WAT
of = "interruptible: false"

guests = engines.transform_values { |engine| Wasmtime::Instance.new(Wasmtime::Store.new(engine), Wasmtime::Module.new(engine, wat)) }
# The loop is the worst there is: a check for every byte. How much that is depends on the processor: 1.2 to 3.3 were seen.
{ "bytes" => ["a loop over bytes", 3.5, "guest.invoke('bytes')"], "fib" => ["a recursive function", 1.65, "guest.invoke('fib', 22)"] }
  .each_value do |what, bar, code|
  Bench.row("interruptible: #{what}", bar: bar, of: of) do
    Bench.race(code.gsub("guest", "stoppable"), code.gsub("guest", "unstoppable"), **guests)
  end
end

# Runs a command of WASI with what it needs.
run = lambda do |linker, mod, config|
  Wasmtime::Store.open(mod.engine, wasi_config: config.call) { |store| linker.instantiate(store, mod).invoke("_start") }
rescue Wasmtime::WasiExit => e
  abort "the program ended with status #{e.code}" unless e.code.zero?
end
programs = {
  "resvg" => lambda do |folder|
    Wasmtime::WasiConfig.new.set_argv(["resvg", "/in/drawing.svg", "/out/drawing.png"])
                        .set_mapped_directory(File.join(Bench::ROOT, "examples/resvg"), "/in", :read_only)
                        .set_mapped_directory(folder, "/out", :read_write)
  end,
  "flite" => lambda do |folder|
    Wasmtime::WasiConfig.new.set_argv(%w[flite -f - -o /out/hello.wav]).set_stdin_string("hello")
                        .set_mapped_directory(folder, "/out", :read_write)
  end
}
programs.each do |name, configure|
  path = File.join(Bench::ROOT, "fixtures/#{name}.wasm")
  next warn("bench/interrupt.rb: no #{name}, run `rake fixtures`") unless File.file?(path)

  Bench.row("interruptible: #{name}", bar: 1.25, of: of) do
    Dir.mktmpdir do |folder|
      callables = engines.transform_values do |engine|
        linker = Wasmtime::Linker.new(engine)
        Wasmtime::WASI::P1.add_to_linker_sync(linker)
        mod = Wasmtime::Module.from_file(engine, path)
        -> { run.call(linker, mod, -> { configure.call(folder) }) }
      end
      Bench.race("stoppable.call", "unstoppable.call", **callables)
    end
  end
end
