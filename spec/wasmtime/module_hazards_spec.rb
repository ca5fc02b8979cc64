# frozen_string_literal: true

require "tmpdir"

# What hung or ended a process once, or would without the guards that these specs watch.
RSpec.describe Wasmtime::Module do
  # Kills what hangs, and says so.
  def finishes(code, seconds: 60)
    script = "#{<<~RUBY}\n#{code}"
      require "io/wait"
      Thread.new { sleep #{seconds}; Process.kill(:KILL, Process.pid) }
      LOOPS = ->(count) { Wasmtime.wat2wasm("(module (func " + "(loop " * count + ")" * count + "))") }
      def child
        reader, writer = IO.pipe
        pid = fork { writer.write(begin; yield; rescue => e; e.message; end); writer.close; exit!(0) }
        writer.close
        raise "the child hangs" unless reader.wait_readable(20)
        reader.read
      ensure
        Process.kill(:KILL, pid)
        Process.wait(pid)
      end
    RUBY
    out, err, status = run_ruby(script)
    raise "the process ended with #{status}: #{err}" unless status.success?

    out.chomp
  end

  it "reflects every type without the readers of the C API that abort" do
    code = <<~'RUBY'
      mod = Wasmtime::Module.new(<<~WAT)
        (module
          (type $s (struct)) (type $a (array i8)) (type $f (func (param i32)))
          (import "m" "v" (func (param v128 anyref eqref i31ref structref arrayref exnref nullref nullfuncref nullexternref)))
          (import "m" "c" (func (param (ref $s) (ref null $a) (ref $f) (ref func) (ref extern) (ref any) (ref exn))))
          (import "m" "t" (table i64 0x100000000 0xffffffffffffffff externref))
          (import "m" "m" (memory i64 1 0x1000000000000))
          (table (export "t") i64 0 0x100000000 funcref)
          (memory (export "m") i64 1 0x1000000000000))
      WAT
      puts mod.imports.map { |import| import.type.to_s }, mod.exports.map { |export| export.type.to_s }
    RUBY
    expect(finishes(code).lines(chomp: true)).to eq(
      ["(func (param v128 anyref eqref i31ref structref arrayref exnref nullref nullfuncref nullexternref))",
       "(func (param (ref $struct) (ref null $array) (ref $func) (ref func) (ref extern) (ref any) (ref exn)))",
       "(table i64 4294967296 18446744073709551615 externref)", "(memory i64 1 281474976710656)",
       "(table i64 0 4294967296 funcref)", "(memory i64 1 281474976710656)"]
    )
  end

  it "can be inspected when it holds continuation types" do
    wat = "(module (type $f (func)) (type $c (cont $f)) (import \"a\" \"b\" (func (param (ref null $c)))))"
    mod = described_class.new(Wasmtime::Engine.new(wasm_stack_switching: true), wat)
    expect(mod.inspect).to match(/\A#<Wasmtime::Module continuation types \d+ KB>\z/)
  end

  # magnus looks a class up, by calling Ruby, inside a lock. Ruby 3.1 may switch threads there.
  it "is made by many threads at once, the first of its process" do
    code = <<~'RUBY'
      wasm = Wasmtime.wat2wasm("(module #{"(func (result i32) i32.const 1)" * 20})")
      10.times do
        raise "the child hangs" if child { Array.new(100) { Thread.new { Wasmtime::Module.new(wasm) } }.map(&:value).size } != "100"
      end
      puts "done"
    RUBY
    expect(finishes(code)).to eq("done")
  end

  it "is compiled in a forked child" do
    code = <<~RUBY
      Wasmtime::Module.new("(module)")
      puts child { Wasmtime::Module.new(LOOPS.call(100)).exports.size }
    RUBY
    expect(finishes(code)).to eq("0")
  end

  it "is compiled in children forked while other threads compile and drop modules" do
    code = <<~'RUBY'
      wasm = Wasmtime.wat2wasm("(module #{(0..99).map { |i| "(func (param #{"i32 " * (i % 9)}))" }.join})")
      [Wasmtime::Engine.default, Wasmtime::Engine.new(cache: true)].each do |engine|
        stop = false
        threads = Array.new(2) { Thread.new { Wasmtime::Module.new(engine, wasm) until stop } }
        answers = Array.new(10) { child { Wasmtime::Module.new(engine, wasm).exports.size } }
        stop = true
        threads.each(&:join)
        p answers.tally
      end
    RUBY
    expect(finishes(code).lines(chomp: true)).to eq(['{"0"=>10}'] * 2)
  end

  it "leaves interrupted compilations behind, up to four of them, and a forked child starts from none" do
    code = <<~'RUBY'
      require "timeout"
      slow = LOOPS.call(12_000)
      started = Process.clock_gettime(Process::CLOCK_MONOTONIC)
      4.times { Timeout.timeout(0.1) { Wasmtime::Module.new(slow) } rescue print "#{$!.class} " }
      puts Process.clock_gettime(Process::CLOCK_MONOTONIC) - started < 5
      puts((Wasmtime::Module.new("(module)") rescue "#{$!.class}: #{$!.message}"))
      puts child { Wasmtime::Module.new("(module)").imports.inspect }
      $stdout.flush
      exit!(0)
    RUBY
    expect(finishes(code).lines(chomp: true)).to eq(
      ["#{'Timeout::Error ' * 4}true", "Wasmtime::Error: 4 interrupted compilations are still running; try again when one has ended", "[]"]
    )
  end

  it "finishes when an interrupt is put off" do
    code = <<~'RUBY'
      thread = Thread.new do
        Thread.handle_interrupt(RuntimeError => :never) { $made = Wasmtime::Module.new(LOOPS.call(3000)) }
      end
      thread.report_on_exception = false
      sleep 0.02
      thread.raise("later")
      puts((thread.value rescue $!.message), $made.class)
    RUBY
    expect(finishes(code)).to eq("later\nWasmtime::Module")
  end

  it "refuses to load from what is no regular file, instead of waiting for it" do
    Dir.mktmpdir do |dir|
      path = File.join(dir, "fifo")
      File.mkfifo(path)
      expect { described_class.deserialize_file(Wasmtime::Engine.default, path) }
        .to raise_error(Wasmtime::Error, "failed to open file: #{path} is no regular file")
      expect { described_class.deserialize_file(Wasmtime::Engine.default, dir) }.to raise_error(Wasmtime::Error, /is no regular file/)
    end
  end

  it "loads from a path in any encoding; the C API takes UTF-8 only" do
    Dir.mktmpdir do |dir|
      path = File.join(dir, "ä.cwasm").b
      File.binwrite(path, described_class.new("(module)").serialize)
      expect(described_class.deserialize_file(Wasmtime::Engine.default, path)).to be_a(described_class)
      expect { described_class.deserialize_file(Wasmtime::Engine.default, "/\xff") }.to raise_error(Wasmtime::Error, /not valid utf-8/)
    end
  end

  it "takes text in any encoding, and read as bytes" do
    wat = '(module (func (export "ä")))'
    names = [wat, wat.b, wat.encode("ISO-8859-1"), wat.encode("UTF-16LE")].map { |text| described_class.new(text).exports.map(&:name) }
    expect(names.uniq).to eq([["ä"]])
    expect(Wasmtime.wat2wasm(wat.b)).to eq(Wasmtime.wat2wasm(wat))
    expect(described_class.validate(wat.b)).to be(true)
  end

  it "survives text nested deeply, on the small stack of a fiber too" do
    code = <<~'RUBY'
      ["(" * 20_000, "(component " * 20_000, "(module (func #{"(block " * 20_000}", "(module (rec " + "(type " * 20_000].each do |text|
        [->(&block) { block.call }, ->(&block) { Fiber.new(&block).resume }].each do |run|
          run.call { Wasmtime.wat2wasm(text) rescue print "#{$!.class} " }
          run.call { Wasmtime::Module.new(text) rescue print "#{$!.class} " }
        end
      end
    RUBY
    expect(finishes(code).split.tally).to eq("Wasmtime::Error" => 8, "Wasmtime::CompileError" => 8)
  end

  it "works in a Ractor: engine and module are shared, types and hints too" do
    code = <<~'RUBY'
      mod = Wasmtime::Module.new('(module (import "a" "b" (func (param (ref func)))))')
      puts Ractor.new(mod) { |shared|
        hint = begin Wasmtime::Module.new(shared.engine, "(component)") rescue $!.message[/\(this.*/] end
        [shared.imports.first.to_s, Wasmtime::FuncType.new([:i32], [:funcref]).to_s, hint].join("\n")
      }.take
    RUBY
    expect(finishes(code).lines(chomp: true)).to eq(
      ['(import "a" "b" (func (param (ref func))))', "(func (param i32) (result funcref))",
       "(this is a component: use Wasmtime::Component::Component)"]
    )
  end
end
