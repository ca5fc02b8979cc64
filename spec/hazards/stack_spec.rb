# frozen_string_literal: true

RSpec.describe "Stack hazards" do
  let(:recursing) { '(module (func $f (export "f") (result i32) (i32.add (call $f) (i32.const 1))) (func (export "ok") (result i32) i32.const 1))' }

  # Infinite recursion, three times, with a good call after each.
  overflow = <<~'RUBY'
    WAT = '(module (func $f (export "f") (result i32) (i32.add (call $f) (i32.const 1))) (func (export "ok") (result i32) i32.const 1))'.freeze
    INSTANCE = build(WAT) unless defined?(RACTOR)
    def overflow(instance = INSTANCE)
      3.times.map { error = raised { instance.invoke("f") }; [error.is_a?(Wasmtime::Trap) ? error.code : error, instance.invoke("ok")] }.uniq
    end
    def nested(depth, &block) = depth.zero? ? block.call : [1].each { return nested(depth - 1, &block) }
  RUBY

  describe "infinite recursion in wasm" do
    {
      "on the main thread" => "overflow",
      "on another thread" => "Thread.new { overflow }.value",
      "in a fiber" => "Fiber.new { overflow }.resume",
      "in a fiber of another thread" => "Thread.new { Fiber.new { overflow }.resume }.value",
      "in an Enumerator" => "Enumerator.new { |y| y << overflow }.next",
      "in a fiber, a few blocks deep" => "Fiber.new { nested(5) { overflow } }.resume",
      "on a thread, 300 blocks deep" => "Thread.new { nested(300) { overflow } }.value",
      "on the main thread, 1000 blocks deep" => "nested(1000) { overflow }",
      "below a host block" => "Wasmtime::Func.new(INSTANCE.store, [], [:externref]) { [overflow] }.call",
      "below a host block in a fiber" => "Fiber.new { Wasmtime::Func.new(INSTANCE.store, [], [:externref]) { [overflow] }.call }.resume",
      "of another store below a host block" => "Wasmtime::Func.new(Wasmtime::Store.new, [], [:externref]) { [overflow] }.call",
      "on a thread inside a Ractor" => "Ractor.new { Thread.new { overflow(build(WAT)) }.value }.take",
      "in a Ractor" => "Ractor.new { overflow(build(WAT)) }.take",
      "in a fiber inside a Ractor" => "Ractor.new { Fiber.new { overflow(build(WAT)) }.resume }.take",
      "in a fiber that was used before" => "10.times { Fiber.new { 1 }.resume }; Fiber.new { Fiber.yield; overflow }.tap(&:resume).resume"
    }.each do |where, code|
      it "is a trap #{where}" do
        setup = code.include?("Ractor") ? "RACTOR = true\n" : ""
        out = apart("#{setup}#{overflow}\np((#{code}))\n#{'p overflow' if setup.empty?}")
        expect(out.lines.map(&:chomp).uniq).to eq(["[[:stack_overflow, 1]]"])
      end
    end

    it "is a trap without the GVL" do
      out = apart("#{overflow}\n" + <<~'RUBY')
        f = INSTANCE.export("f").to_func(gvl: false)
        p Thread.new { raised { f.call }.code }.value, Fiber.new { raised { f.call }.code }.resume, raised { f.call }.code, overflow
      RUBY
      expect(out.lines.map(&:chomp)).to eq([":stack_overflow", ":stack_overflow", ":stack_overflow", "[[:stack_overflow, 1]]"])
    end

    it "is a trap in a start function" do
      wat = "(module (func $f (result i32) (i32.add (call $f) (i32.const 1))) (func $s (drop (call $f))) (start $s))"
      expect { build(Wasmtime::Store.new, wat) }.to raise_error(Wasmtime::Trap) { |trap| expect(trap.code).to eq(:stack_overflow) }
    end

    it "is a trap on fifty threads at once" do
      out = apart("#{overflow}\np Array.new(50) { Thread.new { overflow(build(WAT)) } }.flat_map(&:value).uniq")
      expect(out).to eq("[[:stack_overflow, 1]]")
    end
  end

  describe "too little native stack" do
    it "is refused with an exception that says how to get more: a whole fiber" do
      out = apart(<<~'RUBY')
        large = Wasmtime::Engine.new(max_wasm_stack: 1 << 20)
        instance = build(LOOPING, on: large, store: Wasmtime::Store.new(large))
        error = Fiber.new { raised { instance.invoke("ok") } }.resume
        puts error.class.ancestors.include?(Wasmtime::Error), error.message, instance.invoke("ok")
      RUBY
      expect(out).to match(/\Atrue\n.*(RUBY_FIBER_MACHINE_STACK_SIZE|max_wasm_stack).*\n1\z/m)
    end

    it "is refused with an exception, never a crash, wherever recursion in a fiber stands" do
      out = apart(<<~'RUBY')
        instance = build(LOOPING)
        seen = Hash.new(0)
        step = lambda do |depth|
          outcome = raised { instance.invoke("ok") }
          seen[outcome.is_a?(String) ? outcome : outcome.class] += 1
          [1].each { step.call(depth + 1) }
        end
        p Fiber.new { raised { step.call(0) } }.resume.class
        p seen.key?("nothing"), seen.keys - ["nothing", Wasmtime::Error, SystemStackError, Wasmtime::StoreError], instance.invoke("ok")
      RUBY
      expect(out.lines.map(&:chomp)).to eq(["SystemStackError", "true", "[]", "1"])
    end

    it "is refused with an exception wherever recursion on a thread and on the main thread stands" do
      out = apart(<<~'RUBY')
        F = '(module (func $f (export "f") (result i32) (i32.add (call $f) (i32.const 1))))'
        run = lambda do
          instance = build(F)
          kinds = []
          depth = 0
          step = lambda do
            kinds |= [raised { instance.invoke("f") }.class] if (depth += 1) % 97 == 0
            [1].each { step.call }
          end
          [raised { step.call }.class, kinds - [Wasmtime::Trap, Wasmtime::Error, Wasmtime::StoreError, SystemStackError]]
        end
        p Thread.new(&run).value, run.call
      RUBY
      expect(out.lines.map(&:chomp)).to eq(["[SystemStackError, []]"] * 2)
    end
  end

  describe "SystemStackError" do
    it "in a host block leaves the call, and Ruby detects the next one too" do
      out = apart(<<~'RUBY')
        def deep = deep + 1
        store = Wasmtime::Store.new
        instance = build(CALLING, [Wasmtime::Func.new(store, [], []) { deep }], store: store)
        p Array.new(3) { raised { instance.invoke("run") }.class }, instance.invoke("ok")
        p Thread.new { raised { instance.invoke("run") }.class }.value, Fiber.new { raised { instance.invoke("run") }.class }.resume
        p raised { deep }.class
      RUBY
      expect(out.lines.map(&:chomp)).to eq(["[SystemStackError, SystemStackError, SystemStackError]", "1", *["SystemStackError"] * 3])
    end

    it "rescued in a host block lets wasm go on" do
      out = apart(<<~'RUBY')
        def deep = deep + 1
        store = Wasmtime::Store.new
        instance = build(CALLING, [Wasmtime::Func.new(store, [], []) { raised { deep } }], store: store)
        p instance.invoke("run"), Thread.new { instance.invoke("run") }.value, instance.invoke("ok")
      RUBY
      expect(out).to eq("nil\nnil\n1")
    end

    it "is still detected by Ruby after a wasm stack overflow, on every kind of stack" do
      out = apart("#{overflow}\n" + <<~'RUBY')
        def deep = deep + 1
        look = -> { [overflow, raised { deep }.class, overflow] }
        p look.(), Thread.new(&look).value, Fiber.new(&look).resume
      RUBY
      expect(out.lines.map(&:chomp).uniq).to eq(["[[[:stack_overflow, 1]], SystemStackError, [[:stack_overflow, 1]]]"])
    end
  end

  describe "large frames" do
    it "trap at the edge of the stack: 20,000 locals" do
      out = apart(<<~'RUBY')
        locals = "(local #{(['i64'] * 20_000).join(' ')})"
        uses = (0...20_000).step(7).map { |n| "(local.set #{n} (i64.extend_i32_u (call $f)))" }.join
        sum = (0...20_000).step(7).map { |n| "(local.get #{n}) i64.add" }.join(" ")
        wat = "(module (func $f (export \"f\") (result i32) #{locals} #{uses} i64.const 0 #{sum} i32.wrap_i64))"
        instance = build(wat)
        p [instance, build(wat)].map { |i| raised { i.invoke("f") }.code }, Thread.new { raised { instance.invoke("f") }.code }.value
        p Fiber.new { raised { instance.invoke("f") }.code }.resume
      RUBY
      expect(out.lines.map(&:chomp)).to eq(["[:stack_overflow, :stack_overflow]", ":stack_overflow", ":stack_overflow"])
    end

    it "work or are refused: 1,000 parameters and results" do
      out = apart(<<~'RUBY')
        numbers = (1..1000).to_a
        types = [:i32] * 1000
        list = (["i32"] * 1000).join(" ")
        store = Wasmtime::Store.new
        host = Wasmtime::Func.new(store, types, types) { |_caller, *args| args.reverse }
        wat = "(module (import \"\" \"\" (func $h (param #{list}) (result #{list}))) (func (export \"f\") (param #{list}) (result #{list})
          #{(0...1000).map { |n| "local.get #{n}" }.join(' ')} call $h))"
        instance = build(wat, [host], store: store)
        [-> { host.call(*numbers) }, -> { instance.invoke("f", *numbers) }].each do |call|
          [call, -> { Fiber.new(&call).resume }, -> { Thread.new(&call).value }].each do |run|
            outcome = nil
            error = raised { outcome = run.() }
            outcome = :refused if Wasmtime::Error === error || ArgumentError === error
            p outcome == numbers.reverse || outcome
          end
        end
      RUBY
      expect(out.lines.map(&:chomp) - %w[true :refused]).to eq([])
    end

    it "work or are refused: 2,000 parameters for Func.new, and a million" do
      out = apart(<<~'RUBY')
        store = Wasmtime::Store.new
        [2000, 1_000_000].each do |count|
          error = raised { Wasmtime::Func.new(store, [:i64] * count, []) { |_c, *args| args.size }.call(*[1] * count) }
          p error == "nothing" || error.is_a?(Wasmtime::Error) || [ArgumentError, SystemStackError].include?(error.class) || error
        end
      RUBY
      expect(out).to eq("true\ntrue")
    end
  end
end
