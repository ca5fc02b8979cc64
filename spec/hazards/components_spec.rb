# frozen_string_literal: true

# The safety matrix on a component: everything goes through the same entry as core wasm.
RSpec.describe "Component hazards" do
  describe "stopping" do
    {
      "Timeout.timeout" => "Timeout.timeout(0.1) { guest.functions.loop }",
      "timeout:" => "guest.functions.loop(timeout: 0.1)",
      "Thread#raise" => "main = Thread.current; Thread.new { sleep 0.1; main.raise(IOError, 'now') }; guest.functions.loop",
      "a signal" => "trap('USR1') { raise IOError, 'now' }; Thread.new { sleep 0.1; Process.kill('USR1', $$) }; guest.functions.loop",
      "Store#interrupt" => "Thread.new { sleep 0.1; guest.store.interrupt }; guest.functions.loop",
      "timeout: without the GVL" => "guest.functions.loop(timeout: 0.1, gvl: :release)"
    }.each do |how, code|
      it "ends a loop by #{how}, runs what is in ensure, and says why the instance is of no more use" do
        out = with_components(<<~RUBY)
          guest = component
          error = raised do
            #{code}
          ensure
            puts "ensure"
          end
          puts error.class
          puts raised { guest.functions.ok }.message[/\\Awasm trap: cannot enter component instance: the component instances of this store are unusable/].size.positive?
          p component(guest.store).class, raised { component(guest.store).functions.ok }.class, component.functions.ok
        RUBY
        expected = { "Timeout.timeout" => "Timeout::Error", "timeout:" => "Wasmtime::TimeoutError", "timeout: without the GVL" => "Wasmtime::TimeoutError",
                     "Store#interrupt" => "Wasmtime::Trap" }
        expect(out.first(3)).to eq(["ensure", expected.fetch(how, "IOError"), "true"])
        expect(out.last).to eq("1")
      end
    end

    it "kills a thread that runs a component" do
      out = with_components(<<~RUBY)
        guest = component
        thread = Thread.new { guest.functions.loop }
        sleep 0.1
        thread.kill
        p thread.join(10).equal?(thread), component.functions.ok
      RUBY
      expect(out).to eq(%w[true 1])
    end

    it "lets a signal handler that returns leave the guest running to its right result" do
      out = with_components(<<~RUBY)
        seen = 0
        trap("USR1") { seen += 1 }
        guest = component { |x| Process.kill("USR1", $$) if x == 500; x }
        p guest.functions.calls(1000), seen
      RUBY
      expect(out).to eq(%w[500500 1])
    end

    it "counts the time of host blocks, and does not cut them short" do
      out = with_components(<<~RUBY)
        done = false
        guest = component { |x| sleep 0.3; done = true; x }
        p raised { guest.functions.call(1, timeout: 0.1) }.class, done
      RUBY
      expect(out).to eq(["Wasmtime::TimeoutError", "true"])
    end
  end

  describe "control flow out of host blocks" do
    it "raises the same exception object, throws, and returns from the method around" do
      out = with_components(<<~RUBY)
        error = IOError.new("mine")
        p raised { component { raise error }.functions.call(1) }.equal?(error)
        p catch(:out) { component { throw :out, 7 }.functions.call(1) }
        def around = component { return 8 }.functions.call(1)
        p around, raised { component { break }.functions.call(1) }.class
        error = Exception.new("not standard")
        p raised { component(take: ->(_) { raise error }).functions.echo("x") }.equal?(error)
      RUBY
      expect(out).to eq(%w[true 7 8 LocalJumpError true])
    end

    it "lets a host block call another instance, another store, and the instance that called it" do
      out = with_components(<<~RUBY)
        other = component { |x| x + 1 }
        guest = component { |x| other.functions.call(x) + component(guest.store).functions.ok + guest.functions.ok }
        p guest.functions.call(5), guest.functions.calls(2)
      RUBY
      expect(out).to eq(%w[8 9])
    end

    it "refuses definitions on a linker that is instantiating, and a linker instance out of its block" do
      out = with_components(<<~RUBY)
        linker = Wasmtime::Component::Linker.new
        kept = nil
        linker.root { |root| kept = root }
        puts raised { kept.func_new("x") {} }.message, raised { linker.root { linker.root {} } }.message
        puts raised { linker.root { |root| root.instance("i") { root.func_new("x") {} } } }.message
      RUBY
      expect(out).to eq(["LinkerInstance went out of scope", "Linker is not reentrant", "LinkerInstance is not reentrant"])
    end
  end

  describe "the native stack" do
    it "traps when a guest recurses without end, on threads and fibers too" do
      out = with_components(<<~RUBY)
        run = -> { raised { component.functions.deep(0) } }
        p run.call.code, Thread.new(&run).value.code, Fiber.new(&run).resume.then { |e| e.respond_to?(:code) ? e.code : e.class }
        p component.functions.ok
      RUBY
      expect(out[0..1]).to eq([":stack_overflow", ":stack_overflow"])
      expect([":stack_overflow", "Wasmtime::StoreError"]).to include(out[2])
      expect(out[3]).to eq("1")
    end

    it "raises when host blocks and components call each other without end" do
      out = with_components(<<~'RUBY')
        deeper = ->(n) { component { |x| deeper.(n + 1); x }.functions.call(1) }
        p [SystemStackError, Wasmtime::StoreError].include?(raised { deeper.(0) }.class), component.functions.ok
      RUBY
      expect(out).to eq(%w[true 1])
    end
  end

  describe "threads, fibers, Ractors and forks" do
    it "refuses a second thread while the first is not disturbed" do
      out = with_components(<<~RUBY)
        entered, go = Queue.new, Queue.new
        guest = component { |x| entered << true; go.pop; x }
        first = Thread.new { guest.functions.call(3) }
        entered.pop
        p raised { guest.functions.ok }.class, raised { component(guest.store) }.class, raised { guest.get_func("ok") }.class
        go << true
        p first.value, guest.functions.ok
      RUBY
      expect(out).to eq([*["Wasmtime::StoreBusyError"] * 3, "3", "1"])
    end

    it "runs on threads at the same time when they release the GVL, with exact results" do
      out = with_components(<<~RUBY)
        sums = Array.new(4) { Thread.new { guest = component; (1..200).sum { |n| guest.functions.calls(n, gvl: :release) } } }
        p sums.map(&:value).uniq
      RUBY
      expect(out).to eq(["[#{(1..200).sum { |n| n * (n + 1) / 2 }}]"])
    end

    it "refuses interleaved fibers, and yields out of a host block where that is sound" do
      out = with_components(<<~RUBY)
        guest = component { |x| Fiber.yield(x) }
        fiber = Fiber.new { guest.functions.call(2) }
        p fiber.resume, raised { component.functions.ok }.class, fiber.resume(9), component.functions.ok
      RUBY
      expect(out).to eq(%w[2 Wasmtime::StoreError 9 1])
    end

    it "shares a component between Ractors" do
      out = with_components(<<~'RUBY')
        ractors = Array.new(2) do
          Ractor.new(GUEST) do |guest|
            linker = Wasmtime::Component::Linker.new(guest.engine)
            linker.define_unknown_imports_as_traps(guest)
            linker.instantiate(Wasmtime::Store.new(guest.engine), guest).functions.ok
          end
        end
        p Ractor.shareable?(GUEST), ractors.map(&:take)
      RUBY
      expect(out).to eq(["true", "[1, 1]"])
    end

    it "gives a forked child that instantiates, compiles and calls" do
      out = with_components(<<~RUBY)
        guest = component { |x| x * 2 }
        p guest.functions.call(1)
        pid = fork do
          p guest.functions.call(2), component.functions.ok, Wasmtime::Component::Component.new("(component)").class
          p raised { component.functions.loop(timeout: 0.1) }.class
        end
        p Process.wait2(pid).last.success?, guest.functions.call(3)
      RUBY
      expect(out).to eq(["2", "4", "1", "Wasmtime::Component::Component", "Wasmtime::TimeoutError", "true", "6"])
    end
  end

  describe "the garbage collector" do
    it "keeps host functions, their names and the store while only a function is held" do
      out = with_components(<<~'RUBY')
        func = apart { component { |x| x + 40 }["call"] }
        apart { 20.times { GC.start }; nil }
        GC.compact
        p func.call(2), func.instance.class, func.store.class
      RUBY
      expect(out).to eq(%w[42 Wasmtime::Component::Instance Wasmtime::Store])
    end

    it "collects instances, linkers and components that nobody holds" do
      out = with_components(<<~'RUBY')
        apart { 20.times { guest = component { guest }; guest.functions.call(1) rescue nil }; nil }
        p eventually { live.zero? } || live
        engine = Wasmtime::Engine.new(consume_fuel: true)
        apart { 20.times { Wasmtime::Component::Component.new(engine, "(component)") }; nil }
        p eventually { Wasmtime._live_handles.fetch(:Component) == 1 } || Wasmtime._live_handles
      RUBY
      expect(out).to eq(%w[true true])
    end

    it "gives the same values under GC.stress" do
      out = with_components(<<~'RUBY', timeout: 60)
        seen = []
        guest = component(take: ->(text) { seen << text }) { |x| x }
        GC.stress = true
        echoes = Array.new(5) { |n| guest.functions.echo("text #{n} " * 3) }
        sums = Array.new(5) { |n| guest.functions.calls(n + 1) }
        types = guest.get_func("echo").type.to_s
        GC.stress = false
        p echoes == seen, echoes.last, sums, types
      RUBY
      expect(out).to eq(["true", '"text 4 text 4 text 4 "', "[1, 3, 6, 10, 15]", '"func(text: string) -> string"'])
    end

    it "does not grow by calls, by values, or by errors" do
      out = with_components(<<~'RUBY', timeout: 90)
        guest = component
        bad = ["x", -1, nil, 2**40]
        work = lambda do |count|
          count.times do |n|
            guest.functions.call(n)
            guest.functions.echo("some text #{n}")
            raised { guest.functions.call(bad[n % 4]) }
            raised { guest.functions.echo(n) }
          end
        end
        work.(20_000)
        GC.start
        before, handles = rss, Wasmtime._live_handles
        work.(60_000)
        GC.start
        grown = rss - before
        puts grown < 15 ? "flat" : "grew by #{grown} MiB"
        p eventually { Wasmtime._live_handles.all? { |kind, count| count <= handles.fetch(kind, 0) } }
      RUBY
      expect(out).to eq(%w[flat true])
    end
  end

  describe "what does not belong together" do
    it "is refused: other engines, other stores, modules for components" do
      out = with_components(<<~'RUBY')
        other = Wasmtime::Engine.new(consume_fuel: true)
        linker = Wasmtime::Component::Linker.new(other)
        puts raised { linker.instantiate(Wasmtime::Store.new(other), GUEST) }.message
        puts raised { Wasmtime::Component::Linker.new.instantiate(Wasmtime::Store.new(other), Wasmtime::Component::Component.new("(component)")) }.message
        puts raised { Wasmtime::Component::Component.new("(module)") }.message[/\(this is .*\)/]
        puts raised { Wasmtime::Module.new("(component)") }.message[/\(this is .*\)/]
        puts raised { Wasmtime::Module.deserialize(engine, GUEST.serialize) }.class, raised { Wasmtime::Component::Component.deserialize(engine, compile("(module)").serialize) }.class
        puts raised { linker.define_unknown_imports_as_traps(GUEST) }.message
        puts raised { linker.root { |root| root.module("m", compile("(module)")) } }.message
      RUBY
      expect(out).to eq(
        ["the component and the linker belong to different engines", "the linker and the store belong to different engines",
         "(this is a core module: use Wasmtime::Module)", "(this is a component: use Wasmtime::Component::Component)", "Wasmtime::Error", "Wasmtime::Error",
         "the component and the linker belong to different engines", "the module and the linker belong to different engines"]
      )
    end

    it "raises for everything in a store that was closed" do
      out = with_components(<<~'RUBY')
        guest = component
        func = guest.get_func("ok")
        guest.store.close
        p [-> { func.call }, -> { guest.functions.ok }, -> { guest.get_func("echo") }, -> { guest["echo"] }, -> { component(guest.store) }].map { |code| raised(&code).class }.uniq
        p guest.inspect, func.inspect
      RUBY
      expect(out).to eq(["[Wasmtime::StoreClosedError]", '"#<Wasmtime::Component::Instance (store closed)>"', '"#<Wasmtime::Component::Func (store closed or busy)>"'])
    end
  end
end
