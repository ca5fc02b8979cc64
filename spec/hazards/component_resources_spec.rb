# frozen_string_literal: true

# Resources of components and Ruby's collector: each is dropped exactly once, whoever lets go of it first.
RSpec.describe "Component resource hazards" do
  # Two guests before the code of a subprocess: `counters` has resources of its own, `user` takes those of the host's; what their destructor was
  # called with is in DESTROYED.
  def with_resources(code, **options) = apart(<<~RUBY, **options)
    require #{File.expand_path('../support/resource_guests', __dir__).dump}
    include Wasmtime::Component
    COUNTERS = Component.new(ResourceGuests::COUNTERS)
    USER = Component.new(ResourceGuests::USER)
    DESTROYED = Hash.new(0)
    Item = Struct.new(:id)
    def counters(store = Wasmtime::Store.new) = Linker.new.instantiate(store, COUNTERS)
    def make(guest, value) = guest.invoke("[constructor]counter", value)
    def linker(&destructor)
      destructor ||= ->(item) { DESTROYED[item.id] += 1 }
      Linker.new.tap do |linker|
        linker.instance(ResourceGuests::FILES) do |files|
          files.resource("file", Item, &destructor)
          files.func_new("[constructor]file") { |id| Item.new(id) }
          files.func_new("[method]file.id") { |item| item.id }
          files.func_new("take") { |item| item.id }
        end
      end
    end
    def user(store = Wasmtime::Store.new, &destructor) = linker(&destructor).instantiate(store, USER)
    #{code}
  RUBY

  it "drops what nobody closed at the next entry of the store" do
    out = with_resources(<<~'RUBY')
      guest = counters
      apart { 100.times { |n| make(guest, n) } && nil }
      p eventually { guest.invoke("drops") == 100 } || guest.invoke("drops")
      5.times { GC.start }
      p guest.invoke("drops")
    RUBY
    expect(out.lines.map(&:chomp)).to eq(%w[true 100])
  end

  it "drops each once, whether it is closed, passed away or found" do
    out = with_resources(<<~'RUBY')
      guest = counters
      apart do
        all = Array.new(120) { |n| make(guest, n) }
        all.first(40).each(&:close)
        all[40, 40].each { |one| guest.invoke("keep", one); back = guest.invoke("kept"); back.close if back.value.odd? }
        all.first(40).each { |one| raised { one.resource_drop } }
        nil
      end
      p eventually { guest.invoke("drops") == 120 } || guest.invoke("drops")
      apart { 5.times { GC.start } && nil }
      p guest.invoke("drops")
    RUBY
    expect(out.lines.map(&:chomp)).to eq(%w[true 120])
  end

  it "drops what is found while a guest is inside a host block" do
    out = with_resources(<<~'RUBY')
      store = Wasmtime::Store.new
      counting = counters(store)
      guest = user(store)
      item = Item.new(1)
      found = []
      item.define_singleton_method(:id) do
        50.times { |n| make(counting, n) }
        5.times { GC.start }
        found << counting.invoke("drops")
        7
      end
      5.times { raise "look" unless guest.invoke("look", item) == 7 }
      p found.last.between?(1, 250), eventually { counting.invoke("drops") >= 245 } || counting.invoke("drops")
    RUBY
    expect(out.lines.map(&:chomp)).to eq(%w[true true])
  end

  it "keeps host objects while a guest owns them, wherever Ruby moves them, and lets them go after" do
    out = with_resources(<<~'RUBY')
      collected = 0
      counted = proc { collected += 1 }
      guests = Array.new(20) { user }
      apart { guests.each_with_index { |guest, n| guest.invoke("keep", Item.new(n).tap { |item| ObjectSpace.define_finalizer(item, counted) }) } && nil }
      3.times { GC.start; GC.compact }
      p collected, guests.map { |guest| guest.invoke("ask") } == [*0...20]
      apart { guests.first(10).each { |guest| guest.invoke("drop-kept") } && nil }
      p DESTROYED.size, DESTROYED.values.uniq
      p eventually { guests.each { |guest| guest.invoke("open-and-drop", 99) }; collected >= 9 } || collected
      guests = nil
      p eventually { collected >= 18 } || collected
    RUBY
    expect(out.lines.map(&:chomp)).to eq(["0", "true", "10", "[1]", "true", "true"])
  end

  it "keeps the store while only a resource is held, and collects it after" do
    out = with_resources(<<~'RUBY')
      held = apart { Array.new(10) { |n| make(counters, n) } }
      apart { 5.times { GC.start } && nil }
      GC.compact
      p live, held.map(&:value) == [*0...10], held.map { |one| one.add_and_get(1) }.sum
      held = nil
      p eventually { live.zero? } || Wasmtime._live_handles
    RUBY
    expect(out.lines.map(&:chomp)).to eq(%w[10 true 55 true])
  end

  it "collects stores whose guests own objects that hold the guests" do
    out = with_resources(<<~'RUBY')
      apart do
        20.times do |n|
          guest = user
          guest.invoke("keep", Item.new([n, guest, make(counters(guest.store), n)]))
        end
        nil
      end
      p eventually { live.zero? } || Wasmtime._live_handles
    RUBY
    expect(out).to eq("true")
  end

  it "leaves nothing behind when a store is closed with resources in it" do
    out = with_resources(<<~'RUBY')
      store = Wasmtime::Store.new
      one = make(counters(store), 1)
      user(store).invoke("keep", Item.new(1))
      store.close
      p one.closed?, raised { one.value }.class, raised { one.resource_drop }.class
      one = nil
      5.times { GC.start }
      p live
    RUBY
    expect(out.lines.map(&:chomp)).to eq(["true", "Wasmtime::StoreClosedError", "Wasmtime::StoreClosedError", "0"])
  end

  it "frees resources in any order when the process ends" do
    out = with_resources(<<~'RUBY')
      $kept = Array.new(20) { guest = counters; [guest, make(guest, 1), user.tap { |u| u.invoke("keep", Item.new(1)) }, make(counters, 3)] }.flatten.shuffle
      $kept.grep(Resource).first(5).each(&:close)
      at_exit { puts $kept.grep(Resource).count(&:closed?) }
    RUBY
    expect(out).to eq("5")
  end

  it "gives a forked child copies of its own" do
    out = with_resources(<<~'RUBY')
      guest = counters
      one, two, three = Array.new(3) { |n| make(guest, n) }
      pid = fork do
        p one.value, one.close, one.closed?
        two = three = nil
        p eventually { guest.invoke("drops") == 3 } || guest.invoke("drops").between?(1, 3)
        exit!(true) if $stdout.flush
      end
      Process.wait(pid)
      p $?.success?, [one, two, three].map(&:value), guest.invoke("drops")
    RUBY
    expect(out.lines.map(&:chomp)).to eq(%w[0 nil true true true] + ["[0, 1, 2]", "0"])
  end

  it "refuses to close what another thread's call keeps busy, and closes it later" do
    out = with_resources(<<~'RUBY')
      store = Wasmtime::Store.new
      guest = counters(store)
      one = make(guest, 1)
      inside, done = Queue.new, Queue.new
      item = Item.new(1)
      item.define_singleton_method(:id) { inside << true; done.pop; 3 }
      busy = Thread.new { user(store).invoke("look", item) }
      inside.pop
      p raised { one.close }.class, one.closed?
      done << true
      p busy.value, one.value
      one.close
      p guest.invoke("drops")
    RUBY
    expect(out.lines.map(&:chomp)).to eq(["Wasmtime::StoreBusyError", "false", "3", "1", "1"])
  end

  {
    "guest resources that are closed" => "one = make(guest, n); one.value; one.close",
    "guest resources that nobody closes" => "make(guest, n)",
    "guest resources that are passed away and come back" => "guest.invoke('keep', make(guest, n)); guest.invoke('kept').close",
    "guest resources that are refused" => "one = make(guest, n); raised { guest.invoke('[static]counter.merge', one, one) }; one.close",
    "host resources that the guest drops" => "using.invoke('keep', Item.new(n)); using.invoke('drop-kept')",
    "host resources that come back" => "using.invoke('keep', Item.new(n)); using.invoke('kept')",
    "host resources that are lent" => "using.invoke('look', Item.new(n))",
    "host resources that blocks make" => "using.invoke('open-and-drop', n); using.invoke('open', n)",
    "host resources that are refused" => "raised { using.invoke('keep', n) }"
  }.each do |what, code|
    it "does not grow by #{what}, 100,000 times" do
      out = with_resources(<<~RUBY, timeout: 100)
        guest = counters
        destroyed = 0
        using = user { destroyed += 1 }
        guest.invoke("drops")
        run = ->(times) { apart { times.times { |n| #{code} }; nil } }
        run.(25_000)
        GC.start
        before, handles = rss, Wasmtime._live_handles
        run.(100_000)
        grown = rss - before
        puts grown < 40 ? "flat" : "grew by \#{grown.round} MiB"
        puts eventually { guest.invoke("drops"); Wasmtime._live_handles.all? { |kind, number| number <= handles.fetch(kind, 0) } } || Wasmtime._live_handles.to_h { |kind, number| [kind, [handles[kind], number]] }.reject { |_, (a, b)| a == b }
      RUBY
      expect(out.lines.map(&:chomp)).to eq(%w[flat true])
    end
  end

  %w[GC.stress=true GC.auto_compact=true].each do |setting|
    it "counts exactly under #{setting}, guest and host, own and borrow" do
      out = with_resources(<<~RUBY, timeout: 100)
        guest = counters
        using = user
        #{setting}
        3.times do |n|
          one, two = make(guest, n), make(guest, 10)
          raise "borrow" unless one.value == n && guest.invoke("[static]counter.sum", one, two) == n + 10 && one.add_and_get(1) == n + 1
          merged = guest.invoke("[static]counter.merge", one, two)
          raise "own" unless merged.value == n + 11 && one.closed? && two.closed? && guest.invoke("drops") == 3 * n + 2
          guest.invoke("keep", merged)
          guest.invoke("kept").close
          raise "drops" unless guest.invoke("drops") == 3 * n + 3 && guest.invoke("last") == n + 11
          raise "list" unless guest.invoke("numbers", 3).each { |number| guest.invoke("keep", number) }.all?(&:closed?)
          raise "lend" unless using.invoke("look", Item.new(n)) == n
          using.invoke("keep", Item.new(n))
          raise "ask" unless using.invoke("ask") == n
          using.invoke("drop-kept")
          raise "destroyed" unless DESTROYED[n] == 1
          using.invoke("open-and-keep", n + 100)
          raise "open" unless using.invoke("send") == n + 100 && using.invoke("open", n).id == n
          raise "refused" unless raised { using.invoke("keep", "item") }.is_a?(TypeError)
        end
        GC.stress = false
        p DESTROYED, guest.invoke("drops")
      RUBY
      expect(out.lines.map(&:chomp)).to eq(["{0=>1, 1=>1, 2=>1}", "9"])
    end
  end

  it "verifies: moving the whole heap disturbs no resource, and no write is hidden from Ruby's collector" do
    out = with_resources(<<~'RUBY', timeout: 60)
      guest = counters
      using = user
      all = Array.new(50) { |n| make(guest, n) }
      using.invoke("keep", Item.new(7))
      3.times do
        GC.verify_compaction_references(double_heap: true, toward: :empty)
        raise "values" unless all.each_with_index.all? { |one, n| one.value == n }
        raise "host" unless using.invoke("ask") == 7
      end
      4.times { GC.start }
      using.invoke("keep", Item.new(8))
      GC.verify_internal_consistency
      GC.start(full_mark: false)
      GC.verify_internal_consistency
      all.each(&:close)
      p guest.invoke("drops"), using.invoke("kept").id
    RUBY
    expect(out.lines.map(&:chomp)).to eq(%w[50 8])
  end
end
