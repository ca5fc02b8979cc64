# frozen_string_literal: true

RSpec.describe "Exit hazards" do
  # A world with globals that are alive at the end, of every class.
  everything = <<~'RUBY'
    $store = Wasmtime::Store.new(engine, Object.new)
    $func = Wasmtime::Func.new($store, [:externref], [:externref]) { |_caller, o| [o, $store, $instance].first }
    $instance = build('(module (import "" "" (func $f (param externref) (result externref))) (memory (export "m") 1) (table (export "t") 1 externref)
      (global (export "g") (mut externref) (ref.null extern)) (tag (export "e")) (func (export "f") (param externref) (result externref) local.get 0 call $f) (func (export "trap") unreachable))', [$func], store: $store)
    $items = $instance.exports
    $items["t"].set(0, $instance)
    $items["g"].set($store)
    $linker = Wasmtime::Linker.new
    $linker.func_new("a", "b", [], []) { $linker }
    $pre = $linker.instantiate_pre(compile("(module)"))
    $lambda = $items["f"].to_proc
    $error = raised { $instance.invoke("trap") }
    $other = Wasmtime::Engine.new
  RUBY

  {
    "with globals of every class alive" => "",
    "with at_exit blocks that call wasm, compile and close" =>
      'at_exit { $instance.invoke("f", 1) == 1 or exit!(9); build(LOOPING).invoke("ok") == 1 or exit!(8); $store.close; $instance.inspect; raised { $instance.invoke("f", 1) } }',
    "after GC, with nothing alive" => "($store = $func = $instance = $items = $linker = $pre = $lambda = $error = $other = nil); 3.times { GC.start }",
    "with finalizers that touch the objects" =>
      'ObjectSpace.define_finalizer(Object.new.tap { |o| $kept = o }, proc { raised { $instance.invoke("f", 1) }; raised { $store.close }; raised { Wasmtime::Store.new } })',
    "by exit! " => "exit!(0)",
    "by abort in a host block that is rescued" => "Wasmtime::Func.new($store, [], []) { raised { abort } }.call",
    "from within a host block" => "Wasmtime::Func.new($store, [], []) { exit(0) }.call",
    "by exit! from within a host block" => "Wasmtime::Func.new($store, [], []) { exit!(0) }.call",
    "from a thread within a host block" => "Thread.new { Wasmtime::Func.new($store, [], []) { exit(0) }.call }.join",
    "from a fiber within a host block" => "Fiber.new { Wasmtime::Func.new($store, [], []) { exit(0) }.call }.resume",
    "with a fiber suspended in a host block" => "$fiber = Fiber.new { Wasmtime::Func.new($store, [], []) { Fiber.yield }.call }; $fiber.resume",
    "with a fiber suspended in a memory view" => "$fiber = Fiber.new { $items['m'].view { |b| $buffer = b; Fiber.yield } }; $fiber.resume",
    "with a buffer of a view kept" => "$items['m'].view { |b| $buffer = b.slice(0, 8) }",
    "with an Enumerator halfway through a table" => "$enumerator = $items['t'].each; $enumerator.next",
    "with a Ractor that has a store" => "Ractor.new { $VERBOSE = nil; s = Wasmtime::Store.new; Ractor.receive }; sleep 0.05",
    "with a thread inside a host block" => "Thread.new { Wasmtime::Func.new(Wasmtime::Store.new, [], []) { sleep }.call }; sleep 0.05",
    "with a thread that loops in wasm" => 'Thread.new { build(LOOPING).invoke("loop") }; sleep 0.05',
    "with a thread that loops in wasm without the GVL" => 'Thread.new { build(LOOPING).export("loop").to_func(gvl: false).call }; sleep 0.05',
    "with ten threads that loop in wasm" => 'Array.new(10) { |n| Thread.new { build(LOOPING).export("loop").to_func(gvl: n.odd?).call } }; sleep 0.1',
    "with a thread that compiles" =>
      'Thread.new { Wasmtime::Module.new("(module #{(0...5_000).map { |n| "(func (result i32) #{"(i32.add (i32.const 1) " * 20} i32.const #{n} #{")" * 20})" }.join})") }; sleep 0.2',
    "from a signal handler while wasm runs" => 'trap("USR1") { exit(0) }; spawn("sleep 0.2; kill -USR1 #{$$}"); build(LOOPING).invoke("loop")',
    "under GC.stress" => "GC.stress = true"
  }.each do |how, code|
    it "ends well #{how.strip}" do
      _out, err, status = run_ruby("#{Hazards::PRELUDE}\n#{everything}\n#{code}", timeout: 10)
      expect([status.exitstatus, err[/\[BUG\].*|panicked.*|abort.*/]]).to eq([0, nil])
    end
  end

  it "frees objects in any order" do
    out = apart(<<~'RUBY')
      30.times do |seed|
        random = Random.new(seed)
        store = Wasmtime::Store.new
        func = Wasmtime::Func.new(store, [], []) { store }
        instance = build(CALLING, [func], store: store)
        linker = Wasmtime::Linker.new.tap { |l| l.define(store, "", "", func) }
        objects = [store, func, instance, linker, linker.instantiate_pre(compile(CALLING)), instance.export("run"), linker.dup]
        store = func = instance = linker = nil
        objects.shuffle!(random: random)
        objects.pop && GC.start(full_mark: random.rand < 0.5) until objects.empty?
      end
      puts "alive"
    RUBY
    expect(out).to eq("alive")
  end

  it "reports exceptions of wasm that nobody rescued, with the status Ruby gives" do
    _out, err, status = run_ruby(%(Wasmtime::Instance.new(Wasmtime::Store.new, Wasmtime::Module.new('(module (func $f (export "f") unreachable))')).invoke("f")))
    expect([status.exitstatus, err]).to match([1, /Wasmtime::Trap/])
  end

  it "keeps Ruby's report of a crash elsewhere" do
    _out, err, status = run_ruby(%(require "fiddle"; Wasmtime::Instance.new(Wasmtime::Store.new, Wasmtime::Module.new("(module (func))")); Fiddle::Pointer.new(8)[0, 1]))
    expect([status.signaled?, err]).to match([true, /\[BUG\] Segmentation fault/])
  end
end
