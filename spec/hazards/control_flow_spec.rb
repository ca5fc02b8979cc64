# frozen_string_literal: true

RSpec.describe "Control flow out of host blocks" do
  let(:store) { Wasmtime::Store.new }
  let(:calling) { Hazards::PRELUDE[/CALLING = '(.*)'/, 1] }
  let(:looping) { Hazards::PRELUDE[/LOOPING = '(.*)'/, 1] }

  # An instance whose export "run" calls the block from wasm.
  def calling_instance(store, &)
    build(store, calling, [Wasmtime::Func.new(store, [], [], &)])
  end

  # A method that wasm runs below, and whose block leaves it.
  def returning(store)
    calling_instance(store) { return :from_the_block }.invoke("run")
    :from_the_end
  end

  # A proc whose method has returned.
  def orphan
    proc { break :nowhere }
  end

  describe "an exception" do
    [RuntimeError, Exception, SystemExit, Interrupt, NoMemoryError, SecurityError, SystemStackError, StopIteration, UncaughtThrowError].each do |klass|
      it "leaves as the same object and lets the store be used: #{klass}" do
        error = klass == UncaughtThrowError ? UncaughtThrowError.new(:a, :b, "x %p") : klass.allocate
        instance = calling_instance(store) { raise error }
        caught = raised_by { instance.invoke("run") }
        expect(caught).to equal(error)
        expect(instance.invoke("ok")).to eq(1)
      end
    end

    it "runs each ensure once, inside first" do
      log = []
      instance = calling_instance(store) do
        raise "boom"
      ensure
        log << :inside
      end
      begin
        instance.invoke("run")
      rescue RuntimeError
        log << :rescued
      ensure
        log << :outside
      end
      expect(log).to eq(%i[inside rescued outside])
    end

    it "leaves through many layers of wasm and Ruby" do
      depth = 0
      instance = nil
      instance = calling_instance(store) { (depth += 1) < 50 ? instance.invoke("run") : raise(IOError, "deep") }
      expect { instance.invoke("run") }.to raise_error(IOError, "deep")
      expect([depth, instance.invoke("ok")]).to eq([50, 1])
    end

    it "leaves a start function" do
      func = Wasmtime::Func.new(store, [], []) { raise IOError, "start" }
      expect { build(store, '(module (import "" "" (func $f)) (start $f))', [func]) }.to raise_error(IOError, "start")
      expect(build(store, looping).invoke("ok")).to eq(1)
    end

    it "may be rescued between two layers, and the outer wasm goes on" do
      failing = calling_instance(store) { raise "inner" }
      outer = calling_instance(store) { raised_by { failing.invoke("run") } }
      expect(outer.invoke("run")).to be_nil
    end

    it "leaves a guest that runs without the GVL" do
      error = IOError.new("same")
      func = calling_instance(store) { raise error }.export("run").to_func(gvl: false)
      expect { func.call }.to(raise_error { |e| expect(e).to equal(error) })
    end

    it "raised by to_int of a result, or by an Exception's own exception method, leaves" do
      evil = Object.new
      def evil.to_int = raise(IOError, "in to_int")
      func = Wasmtime::Func.new(store, [], [:i32]) { evil }
      expect { func.call }.to(raise_error { |e| expect(e).to be_a(IOError).or be_a(Wasmtime::ResultError) })
    end
  end

  describe "a jump" do
    it "throws to a catch outside the call" do
      instance = calling_instance(store) { throw :done, 7 }
      expect(catch(:done) { instance.invoke("run") }).to eq(7)
      expect(instance.invoke("ok")).to eq(1)
    end

    it "throws through several layers, past a catch of another tag" do
      inner = calling_instance(store) { throw :outer, 8 }
      outer = calling_instance(store) { catch(:inner) { inner.invoke("run") } }
      expect(catch(:outer) { outer.invoke("run") }).to eq(8)
    end

    it "throws to a catch inside the block without disturbing wasm" do
      instance = calling_instance(store) { catch(:here) { throw :here } }
      expect(instance.invoke("run")).to be_nil
    end

    it "raises UncaughtThrowError where nobody catches" do
      instance = calling_instance(store) { throw :nobody }
      expect { instance.invoke("run") }.to raise_error(UncaughtThrowError)
      expect(instance.invoke("ok")).to eq(1)
    end

    it "throws out of a start function and out of a guest without the GVL" do
      func = Wasmtime::Func.new(store, [], []) { throw :done, 9 }
      expect(catch(:done) { build(store, '(module (import "" "" (func $f)) (start $f))', [func]) }).to eq(9)
      released = build(store, calling, [func]).export("run").to_func(gvl: false)
      expect(catch(:done) { released.call }).to eq(9)
    end

    it "raises LocalJumpError for a break whose method has returned" do
      instance = calling_instance(store, &orphan)
      expect { instance.invoke("run") }.to raise_error(LocalJumpError)
      expect(instance.invoke("ok")).to eq(1)
    end

    it "returns from the enclosing method" do
      expect(returning(store)).to eq(:from_the_block)
      expect(build(store, looping).invoke("ok")).to eq(1)
    end

    it "breaks out of an iterator around the call" do
      instance = calling_instance(store) { throw :never }
      found = [1, 2, 3].each { |n| catch(:never) { instance.invoke("run") } || (break n * 10) }
      expect(found).to eq(10)
    end

    it "gives a result with next, and retries with redo" do
      tries = 0
      func = Wasmtime::Func.new(store, [], [:i32]) do
        tries += 1
        redo if tries < 3
        next tries
      end
      expect(func.call).to eq(3)
    end

    it "leaves no object alive that a jump skipped" do
      out = apart(<<~'RUBY')
        apart do
          500.times do
            store = Wasmtime::Store.new
            func = Wasmtime::Func.new(store, [:externref], [:externref]) { throw :out }
            instance = build('(module (import "" "" (func $f (param externref) (result externref)))
              (func (export "run") (param externref) (result externref) local.get 0 call $f))', [func], store: store)
            catch(:out) { instance.invoke("run", store) }
          end
          nil
        end
        puts eventually { live.zero? } ? "none" : live
      RUBY
      expect(out).to eq("none")
    end
  end

  describe "an interrupt" do
    {
      "a pure wasm loop" => 'instance.invoke("loop")',
      "a loop without the GVL" => 'instance.export("loop").to_func(gvl: false).call',
      "a host block" => "func.call",
      "a loop below a host block" => 'Wasmtime::Func.new(instance.store, [], []) { instance.invoke("loop") }.call'
    }.each do |where, code|
      it "kills a thread in #{where} within 500 ms, runs its ensure once, and leaves the store usable" do
        out = apart(<<~RUBY)
          instance = build(LOOPING)
          func = Wasmtime::Func.new(instance.store, [], []) { sleep }
          log = []
          thread = Thread.new do
            begin
              log << :started
              #{code}
            ensure
              log << :ensured
            end
          end
          sleep 0.1
          begun = Process.clock_gettime(Process::CLOCK_MONOTONIC)
          thread.kill
          thread.join
          took = Process.clock_gettime(Process::CLOCK_MONOTONIC) - begun
          p log, took < 0.5, instance.invoke("ok")
        RUBY
        expect(out.lines.map(&:chomp)).to eq(["[:started, :ensured]", "true", "1"])
      end

      it "times out in #{where}, and the next call is not disturbed" do
        out = apart(<<~RUBY)
          instance = build(LOOPING)
          func = Wasmtime::Func.new(instance.store, [], []) { sleep }
          error = raised { Timeout.timeout(0.1) { #{code} } }
          p error.class, Array.new(3) { instance.invoke("ok") }
          p raised { Timeout.timeout(0.1) { #{code} } }.class
          sleep 0.2
          p instance.invoke("ok")
        RUBY
        expect(out.lines.map(&:chomp)).to eq(["Timeout::Error", "[1, 1, 1]", "Timeout::Error", "1"])
      end
    end

    it "ends the right one of nested timeouts" do
      inner_error = Class.new(StandardError)
      outer_error = Class.new(StandardError)
      instance = build(store, looping)
      expect { Timeout.timeout(5, outer_error) { Timeout.timeout(0.1, inner_error) { instance.invoke("loop") } } }.to raise_error(inner_error)
      expect { Timeout.timeout(0.1, outer_error) { Timeout.timeout(5, inner_error) { instance.invoke("loop") } } }.to raise_error(outer_error)
      expect(instance.invoke("ok")).to eq(1)
    end

    it "runs a signal handler that returns while wasm goes on to its correct result" do
      out = apart(<<~'RUBY')
        count = 0
        trap("USR1") { count += 1 }
        trap("INT") { count += 1 }
        instance = build('(module (func (export "sum") (param i64) (result i64) (local i64)
          (loop $l (local.set 1 (i64.add (local.get 1) (local.get 0)))
            (br_if $l (i64.ne (i64.const 0) (local.tee 0 (i64.sub (local.get 0) (i64.const 1)))))) local.get 1))')
        sender = Thread.new { 10.times { |n| sleep 0.02; Process.kill(n.even? ? :USR1 : :INT, $$) } }
        n = 250_000_000
        p instance.invoke("sum", n) == n * (n + 1) / 2
        sender.join
        p count > 0
        p instance.export("sum").to_func(gvl: false).call(1000)
      RUBY
      expect(out.lines.map(&:chomp)).to eq(%w[true true 500500])
    end

    {
      "in a program without threads" => 'spawn("sleep 0.3; kill -INT #{$$}")',
      "beside another thread" => "Thread.new { sleep 0.1; Process.kill(:INT, $$); sleep }",
      "when the last other thread has just ended" => "Thread.new { sleep 0.1; Process.kill(:INT, $$) }"
    }.each do |when_, sender|
      [true, false].each do |gvl|
        it "raises Interrupt out of a loop #{'without the GVL ' unless gvl}when nobody handles Ctrl-C, #{when_}" do
          out = apart(<<~RUBY, timeout: 3)
            instance = build(LOOPING)
            #{sender}
            p raised { instance.export("loop").to_func(gvl: #{gvl}).call }.class
            p instance.invoke("ok")
          RUBY
          expect(out.lines.map(&:chomp)).to eq(%w[Interrupt 1])
        end
      end
    end

    it "ends a process that runs wasm when it gets SIGTERM" do
      _out, _err, status = run_ruby("#{Hazards::PRELUDE}\nspawn(\"sleep 0.3; kill -TERM \#{$$}\"); build(LOOPING).invoke('loop')", timeout: 5)
      expect(status.termsig).to eq(Signal.list["TERM"])
    end

    it "lets a signal handler call another store, and refuses the same one" do
      out = apart(<<~'RUBY')
        instance = build(LOOPING)
        other = build(LOOPING)
        seen = nil
        trap("USR1") { seen = [other.invoke("ok"), raised { instance.invoke("ok") }.class] }
        Thread.new { sleep 0.05; Process.kill(:USR1, $$) }
        p raised { Timeout.timeout(0.4) { instance.invoke("loop") } }.class
        p seen, instance.invoke("ok")
      RUBY
      expect(out.lines.map(&:chomp)).to eq(["Timeout::Error", "[1, Wasmtime::StoreBusyError]", "1"])
    end

    it "raises what a signal handler raises, out of the call" do
      out = apart(<<~'RUBY')
        instance = build(LOOPING)
        trap("USR1") { raise IOError, "handler" }
        Thread.new { sleep 0.05; Process.kill(:USR1, $$) }
        p raised { instance.invoke("loop") }, instance.invoke("ok")
      RUBY
      expect(out.lines.map(&:chomp)).to eq(["#<IOError: handler>", "1"])
    end

    it "raises what another thread raises into a guest" do
      instance = build(store, looping)
      thread = Thread.new { Thread.current.report_on_exception = false; instance.invoke("loop") }
      sleep 0.05
      thread.raise(IOError, "from outside")
      expect { thread.value }.to raise_error(IOError, "from outside")
      expect(instance.invoke("ok")).to eq(1)
    end

    # The first entry of a process starts the ticker, which must know the threads that were there before.
    it "stops a thread that was about to make its first call when another made the first of the process, and of a forked child" do
      out = apart(<<~'RUBY', timeout: 30)
        mod = compile(LOOPING)
        work = lambda do
          ready = Queue.new
          go = Queue.new
          store = Wasmtime::Store.new
          looping = Thread.new do
            store.__send__(:_call_state)
            ready << 1
            go.pop
            raised { Wasmtime::Instance.new(store, mod).invoke("loop", timeout: 0.05) }.class
          end
          ready.pop
          Thread.new { Wasmtime::Instance.new(Wasmtime::Store.new, mod).invoke("ok") }.join
          sleep 0.1
          go << 1
          looping.value
        end
        p work.call
        $stdout.flush
        Process.wait(fork { p work.call, raised { build(LOOPING).invoke("loop", timeout: 0.05) }.class })
      RUBY
      expect(out.lines.map(&:chomp)).to eq(["Wasmtime::TimeoutError"] * 3)
    end

    it "kills a thread that waits for the GVL" do
      thread = Thread.new { build(Wasmtime::Store.new, looping).export("loop").to_func(gvl: false).call }
      sleep 0.05
      busy = Thread.new { Time.now until Thread.current[:stop] }
      thread.kill
      expect(thread.join(2)).to equal(thread)
      busy[:stop] = true
      busy.join
    end
  end

  describe "a fiber" do
    it "yields out of a host block and completes when it is resumed" do
      instance = calling_instance(store) { Fiber.yield :inside }
      fiber = Fiber.new { [instance.invoke("run"), :done] }
      expect([fiber.resume, fiber.resume, instance.invoke("ok")]).to eq([:inside, [nil, :done], 1])
    end

    it "locks its store while it is suspended inside a host block" do
      instance = calling_instance(store) { Fiber.yield }
      fiber = Fiber.new { instance.invoke("run") }
      fiber.resume
      expect { instance.invoke("ok") }.to raise_error(Wasmtime::StoreError)
      fiber.resume
      expect(instance.invoke("ok")).to eq(1)
    end

    it "refuses other stores on the thread of a fiber suspended inside a host block, and names the cause" do
      instance = calling_instance(store) { Fiber.yield }
      other = build(Wasmtime::Store.new, looping)
      fiber = Fiber.new { instance.invoke("run") }
      fiber.resume
      expect { other.invoke("ok") }.to raise_error(Wasmtime::StoreError, /fiber/i)
      fiber.resume
      expect(other.invoke("ok")).to eq(1)
    end

    it "never crashes when two fibers leave their host blocks in the wrong order" do
      out = apart(<<~'RUBY')
        make = lambda do
          store = Wasmtime::Store.new
          build(CALLING, [Wasmtime::Func.new(store, [], []) { Fiber.yield }], store: store)
        end
        a, b = make.(), make.()
        fibers = [a, b].map { |i| Fiber.new { i.invoke("run") } }
        fibers[0].resume
        p raised { fibers[1].resume }.class.ancestors.include?(Wasmtime::Error)
        fibers[0].resume
        p a.invoke("ok"), b.invoke("ok")
      RUBY
      expect(out.lines.map(&:chomp)).to eq(%w[true 1 1])
    end

    it "raises, and never crashes, after a fiber was abandoned inside a host block" do
      out = apart(<<~'RUBY')
        other = build(LOOPING)
        abandon = lambda do
          store = Wasmtime::Store.new
          instance = build(CALLING, [Wasmtime::Func.new(store, [], []) { Fiber.yield }], store: store)
          Fiber.new { instance.invoke("run") }.resume
          nil
        end
        Thread.new(&abandon).join
        abandon.()
        10.times { GC.start; Array.new(100) { Fiber.new { 1 }.resume } }
        outcomes = Array.new(20) { raised { other.invoke("ok") }.class }
        outcomes += Array.new(20) { Thread.new { Thread.current.report_on_exception = false; raised { other.invoke("ok") } }.value.class }
        outcomes += Array.new(20) { Fiber.new { raised { other.invoke("ok") } }.resume.class }
        p outcomes.uniq - [String, Wasmtime::StoreError, Wasmtime::StoreBusyError]
      RUBY
      expect(out).to eq("[]")
    end

    it "can be raised into while it is suspended inside a host block" do
      instance = calling_instance(store) { Fiber.yield }
      fiber = Fiber.new { instance.invoke("run") }
      fiber.resume
      expect { fiber.raise(IOError, "into the fiber") }.to raise_error(IOError, "into the fiber")
      expect(instance.invoke("ok")).to eq(1)
    end

    it "may be made and finished inside a host block" do
      instance = calling_instance(store) { raise "no" unless [1, 2].each.then { |e| [e.next, e.next] } == [1, 2] }
      expect(instance.invoke("run")).to be_nil
    end

    it "may not enter wasm from inside a host block of another fiber" do
      errors = []
      other = build(Wasmtime::Store.new, looping)
      instance = nil
      enter = ->(target) { Fiber.new { raised_by { target.invoke("ok") } }.resume }
      instance = calling_instance(store) { errors = [enter.call(instance), enter.call(other)] }
      instance.invoke("run")
      expect(errors).to all be_a(Wasmtime::StoreError)
    end

    it "keeps wasm in an Enumerator apart from wasm around it" do
      instance = build(store, looping)
      numbers = Enumerator.new { |y| 3.times { y << instance.invoke("ok") } }
      expect([numbers.next, instance.invoke("ok"), numbers.next, numbers.next]).to eq([1, 1, 1, 1])
    end

    it "never crashes when a continuation jumps into a host block that has ended" do
      out = apart(<<~'RUBY')
        require "continuation"
        kept = nil
        count = 0
        store = Wasmtime::Store.new
        instance = build(CALLING, [Wasmtime::Func.new(store, [], []) { callcc { |c| kept = c } }], store: store)
        error = raised do
          instance.invoke("run")
          count += 1
          kept.call if count < 3
        end
        puts "alive"
      RUBY
      expect(out).to eq("alive")
    end

    it "never crashes when a continuation leaves a host block" do
      out = apart(<<~'RUBY')
        require "continuation"
        store = Wasmtime::Store.new
        outside = nil
        instance = build(CALLING, [Wasmtime::Func.new(store, [], []) { outside.call }], store: store)
        tries = 0
        callcc { |c| outside = c }
        tries += 1
        error = raised { instance.invoke("run") } if tries < 3
        raised { instance.invoke("ok") }
        puts "alive"
      RUBY
      expect(out).to eq("alive")
    end
  end

  describe "re-entry" do
    it "ends with an exception when the same store is entered again without end, and works afterwards" do
      out = apart(<<~'RUBY')
        store = Wasmtime::Store.new
        instance = nil
        depth = 0
        instance = build(CALLING, [Wasmtime::Func.new(store, [], []) { depth += 1; instance.invoke("run") }], store: store)
        error = raised { instance.invoke("run") }
        p [SystemStackError, Wasmtime::Trap, Wasmtime::Error].any? { |c| c === error }, depth > 50, instance.invoke("ok")
      RUBY
      expect(out.lines.map(&:chomp)).to eq(%w[true true 1])
    end

    it "goes 1000 deep, with a guest's malloc at each level" do
      out = apart(<<~'RUBY')
        wat = '(module (import "" "" (func $f (param i32))) (global $top (mut i32) (i32.const 0))
          (func (export "malloc") (param i32) (result i32) (global.set $top (i32.add (global.get $top) (local.get 0))) global.get $top)
          (func (export "run") (param i32) local.get 0 call $f))'
        store = Wasmtime::Store.new
        instance = nil
        f = Wasmtime::Func.new(store, [:i32], []) { |_c, n| instance.invoke("malloc", 8); instance.invoke("run", n - 1) if n > 0 }
        instance = build(wat, [f], store: store)
        error = raised { instance.invoke("run", 1000) }
        puts error == "nothing" ? instance.invoke("malloc", 8) : [SystemStackError, Wasmtime::Trap, Wasmtime::Error].any? { |c| c === error }
        puts instance.invoke("malloc", 0) > 0
      RUBY
      expect(out.lines.map(&:chomp)).to eq(%w[8016 true]).or eq(%w[true true])
    end

    it "refuses to define on a linker that is instantiating, or defines" do
      linker = Wasmtime::Linker.new
      outcomes = []
      attempt = lambda do |&block|
        block.call
        outcomes << :done
      rescue Wasmtime::Error
        outcomes << :refused
      end
      mod = Wasmtime::Module.new('(module (import "a" "f" (func $f)) (start $f))')
      depth = 0
      linker.func_new("a", "f", [], []) do |caller|
        attempt.call { linker.func_new("a", "g#{depth}", [], []) {} }
        attempt.call { linker.allow_shadowing = true }
        attempt.call { linker.dup }
        attempt.call { linker.alias("a", "f", "b", "f#{depth}") }
        attempt.call { linker.get(caller.store, "a", "f") }
        attempt.call { linker.instantiate(caller.store, mod) } if (depth += 1) < 3
      end
      linker.instantiate(store, mod)
      expect(outcomes.size).to eq(17)
      expect(linker.instantiate(store, mod)).to be_a(Wasmtime::Instance)
    end
  end

  describe "WebAssembly exceptions" do
    let(:throwing) do
      <<~WAT
        (module (tag $e (param i32)) (func (export "throw") i32.const 7 throw $e) (func (export "ok") (result i32) i32.const 1))
      WAT
    end

    it "leave a call as WasmException and leave nothing behind" do
      instance = build(store, throwing)
      3.times { expect { instance.invoke("throw") }.to raise_error(Wasmtime::WasmException) }
      expect(instance.invoke("ok")).to eq(1)
    end

    it "leave a start function as WasmException" do
      wat = "(module (tag $e) (func $s throw $e) (start $s))"
      expect { build(store, wat) }.to raise_error(Wasmtime::WasmException)
      expect(build(store, throwing).invoke("ok")).to eq(1)
    end

    it "leave a linker's instantiation and an InstancePre as WasmException" do
      mod = Wasmtime::Module.new("(module (tag $e) (func $s throw $e) (start $s))")
      linker = Wasmtime::Linker.new
      expect { linker.instantiate(store, mod) }.to raise_error(Wasmtime::WasmException)
      expect { linker.instantiate_pre(mod).instantiate(store) }.to raise_error(Wasmtime::WasmException)
    end

    it "reach a guest that catches them through a host block, or leave as WasmException" do
      inner = build(store, throwing)
      outer = calling_instance(store) { inner.invoke("throw") }
      expect { outer.invoke("run") }.to raise_error(Wasmtime::WasmException)
      expect(outer.invoke("ok")).to eq(1)
    end

    it "never let a guest swallow a Ruby exception" do
      wat = <<~WAT
        (module (import "" "" (func $f)) (func (export "run") (result i32)
          (block $caught (try_table (catch_all $caught) call $f) (return (i32.const 0))) i32.const 1))
      WAT
      func = Wasmtime::Func.new(store, [], []) { raise IOError, "mine" }
      expect { build(store, wat, [func]).invoke("run") }.to raise_error(IOError, "mine")
    end

    it "never let a guest swallow a throw" do
      wat = <<~WAT
        (module (import "" "" (func $f)) (func (export "run") (result i32)
          (block $caught (try_table (catch_all $caught) call $f) (return (i32.const 0))) i32.const 1))
      WAT
      func = Wasmtime::Func.new(store, [], []) { throw :out, 5 }
      expect(catch(:out) { build(store, wat, [func]).invoke("run") }).to eq(5)
    end
  end

  describe "the current exception" do
    it "is the same before and after a call that fails inside and is rescued inside" do
      instance = calling_instance(store) { raised_by { raise "inner" } }
      before = after = nil
      begin
        raise IOError, "outer"
      rescue IOError
        before = $!
        instance.invoke("run")
        after = $!
      end
      expect(after).to equal(before)
      expect($!).to be_nil
    end

    it "is the same after a call that raised and was rescued" do
      instance = calling_instance(store) { raise "inner" }
      after = begin
        raise IOError, "outer"
      rescue IOError
        raised_by { instance.invoke("run") }
        $!
      end
      expect([after.class, $!]).to eq([IOError, nil])
    end

    it "is nil in an ensure after a jump out of a host block" do
      instance = calling_instance(store) { throw :out }
      seen = :unset
      catch(:out) do
        instance.invoke("run")
      ensure
        seen = $!
      end
      expect([seen, $!]).to eq([nil, nil])
    end

    it "becomes the cause of a trap, and a re-raise raises the first" do
      instance = build(store, '(module (func (export "f") unreachable))')
      error = raised_by do
        raise IOError, "first"
      rescue IOError
        instance.invoke("f")
      end
      expect(error.cause).to be_a(IOError)
    end
  end
end
