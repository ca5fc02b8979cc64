# frozen_string_literal: true

require "timeout"

RSpec.describe "instances of plugins" do
  let!(:arrived) { Queue.new }
  let!(:go) { Queue.new }
  let(:note) do
    lambda do |n|
      arrived.push(n)
      go.pop
    end
  end

  # Threads whose calls stand still in the host block.
  def standing(plugin, count)
    Array.new(count) { |n| Thread.new { plugin.call(:ask, n) } }.tap { count.times { arrived.pop } }
  end

  def let_go(threads)
    threads.each { go.push(1) }
    threads.map(&:value)
  end

  Plugins::KINDS.each do |kind|
    { "pool:" => ["calls at a time", { pool: 2 }], "reuse:" => ["instances", { reuse: 2 }] }.each do |option, (what, options)|
      it "are at most as many as #{option} says: others wait, and for so long (#{kind})" do
        plugin = load_plugin(kind, checkout_timeout: 0.01, note: note, **options)
        threads = standing(plugin, 2)
        error = raised { plugin.call(:add, 1, 2) }
        expect(error).to be_an_instance_of(Wasmtime::Plugin::CheckoutTimeout).and(
          have_attributes(message: "plugin #{kind}: add: waited 0.01 s for one of its 2 #{what} (#{option}), and all are busy: give it more, or " \
                                   "lower limits: timeout, or wait longer (checkout_timeout:)", cause: nil)
        )
        expect(let_go(threads)).to eq([1, 1])
        expect(plugin.call(:add, 1, 2)).to eq(3)
      end

      it "are waited for (#{kind}, #{option})" do
        plugin = load_plugin(kind, checkout_timeout: 60, note: note, **options)
        threads = standing(plugin, 2)
        waiting = Array.new(3) { |n| Thread.new { plugin.call(:add, n, 10) } }
        Thread.pass until waiting.all?(&:stop?)
        expect(let_go(threads)).to eq([1, 1])
        expect(waiting.map(&:value).sort).to eq([10, 11, 12])
      end

      it "are free again after calls that did not end well, and after threads that were killed (#{kind}, #{option})" do
        plugin = load_plugin(kind, checkout_timeout: 60, note: note, **options)
        6.times { raised { plugin.call(:boom) } }
        standing(plugin, 2).each { |thread| thread.kill.join }
        waiter = standing(plugin, 2).then { |threads| [threads, Thread.new { plugin.call(:add, 1, 2) }] }
        Thread.pass until waiter.last.stop?
        waiter.last.kill.join
        expect(let_go(waiter.first)).to eq([1, 1])
        expect(Array.new(4) { plugin.call(:add, 1, 2) }).to eq([3, 3, 3, 3])
      end
    end

    it "may be called from their own host blocks (#{kind})" do
      plugin = nil
      plugin = load_plugin(kind, pool: 3, checkout_timeout: 0.01, note: ->(n) { n.zero? ? 42 : plugin.call(:ask, n - 1) })
      expect(plugin.call(:ask, 2)).to eq(42)
      expect { plugin.call(:ask, 3) }.to raise_error(Wasmtime::Plugin::CheckoutTimeout)
      expect(plugin.call(:ask, 2)).to eq(42)
    end

    it "serve one thread at a time (#{kind})" do
      plugin = load_plugin(kind, reuse: 3, checkout_timeout: 60)
      counts = Array.new(6) { Thread.new { Array.new(200) { plugin.call(:count) } } }.flat_map(&:value)
      # Each of the instances has counted its own calls without a gap.
      times = counts.tally
      expect(counts.size).to eq(1200)
      # A place is given back a moment before its instance is: once in a while another one is made.
      expect(times[1]).to be_between(1, 12)
      expect((2..counts.max).map { |n| [times.fetch(n), times.fetch(n - 1)] }).to all(satisfy { |some, before| some <= before })
    end
  end

  [{ pool: 2 }, { reuse: 2 }].each do |options|
    it "lose no place to exceptions that other threads raise at any point (#{options})", :slow do
      plugin = load_plugin(:module, checkout_timeout: 30, note: note, **options)
      places = Wasmtime::Plugin.const_get(:Engines).pooling(false).slots
      before = places.size
      interrupted = Array.new(3) do
        Thread.new do
          Array.new(400) do |n|
            Timeout.timeout(0.0001 * (1 + (n % 7))) { loop { (n % 5).zero? ? raised { plugin.call(:boom) } : plugin.call(:add, 1, 2) } }
          rescue Timeout::Error
            1
          end.sum
        end
      end
      expect(interrupted.sum(&:value)).to eq(1200)
      expect(places.size).to eq(before)
      expect(let_go(standing(plugin, 2))).to eq([1, 1])
    end
  end

  it "share 64 places in the pool, whatever plugin they are of" do
    plugins = Array.new(2) { |n| load_plugin(:module, name: "p#{n}", pool: 40, checkout_timeout: 0.01, note: note) }
    threads = standing(plugins[0], 40) + standing(plugins[1], 24)
    expect { plugins[1].call(:add, 1, 2) }.to raise_error(Wasmtime::Plugin::CheckoutTimeout, /one of the 64 instances that all plugins/)
    kept = load_plugin(:module, reuse: 1)
    expect(kept.call(:add, 1, 2)).to eq(3)
    expect(let_go(threads)).to eq([1] * 64)
    expect(plugins.map { |plugin| plugin.call(:add, 1, 2) }).to eq([3, 3])
  end

  it "do not run out of places when calls fail in every way" do
    plugin = load_plugin(:module, pool: 1, checkout_timeout: 0.01, limits: { timeout: 0.01 }, note: ->(n) { n.zero? ? raise(IOError) : throw(:out) })
    200.times do
      [[:boom], [:grow], [:add], [:ask, 0], [:add, "x", nil]].each { |call| raised { plugin.call(*call) } }
      catch(:out) { plugin.call(:ask, 1) }
    end
    3.times { raised { plugin.call(:spin) } }
    expect(plugin.call(:add, 1, 2)).to eq(3)
  end

  it "free their memory when the call ends" do
    wat = '(module (memory (export "memory") 100) (func (export "touch") (memory.fill (i32.const 0) (i32.const 1) (i32.const 6000000))))'
    plugin = load_text(wat)
    resident = -> { File.read("/proc/self/statm").split[1].to_i * 4096 }
    plugin.call(:touch)
    before = resident.call
    100.times { plugin.call(:touch) }
    expect(resident.call - before).to be < 100 << 20
  end

  describe "after a fork" do
    it "are there, though other threads of the parent had all of them" do
      expect(output_of(<<~RUBY)).to eq("3 3 3 3\ntrue\n1 1")
        wat = #{Plugins::MODULE.inspect}
        File.write("#{folder}/plugin.wat", wat)
        arrived, go = Queue.new, Queue.new
        note = ->(n) { arrived.push(n) && go.pop }
        load = ->(**options) { Wasmtime::Plugin.load("#{folder}/plugin.wat", imports: { "host" => { note: note } }, cache_dir: false, checkout_timeout: 2, **options) }
        plugins = [load[pool: 2], load[reuse: 2]]
        threads = plugins.flat_map { |plugin| Array.new(2) { |n| Thread.new { plugin.call(:ask, n) } } }
        4.times { arrived.pop }
        waiting = plugins.map { |plugin| Thread.new { plugin.call(:add, 1, 2) rescue p $! } }
        Thread.pass until waiting.all?(&:stop?)
        pid = fork do
          puts plugins.flat_map { |plugin| Array.new(2) { Thread.new { plugin.call(:add, 1, 2) }.value } }.join(" ")
          $stdout.flush
          exit!(true)
        end
        Process.wait(pid)
        puts $?.success?
        4.times { go.push(1) }
        threads.each(&:value)
        waiting.each(&:value)
        puts plugins.map { |plugin| plugin.call(:count) }.join(" ")
      RUBY
    end

    it "do not wait for locks that other threads of the parent hold" do
      expect(output_of(<<~RUBY, timeout: 60)).to eq("true")
        File.write("#{folder}/plugin.wat", '(module (memory 1) (func (export "five") (result i32) i32.const 5))')
        plugins = [{}, { reuse: 2 }, { pool: 1, checkout_timeout: 60 }].map { |options| Wasmtime::Plugin.load("#{folder}/plugin.wat", cache_dir: false, **options) }
        busy = Array.new(4) { Thread.new { loop { plugins.each { |plugin| plugin.call(:five) } } } }
        statuses = Array.new(20) do
          pid = fork { exit!(plugins.map { |plugin| plugin.call(:five) } == [5, 5, 5]) }
          Process.wait2(pid).last.success?
        end
        puts statuses.all?
        busy.each(&:kill)
      RUBY
    end

    it "know nothing of the parent's, also in a daemon" do
      expect(output_of(<<~RUBY)).to eq("1 2 3\n1 2")
        File.write("#{folder}/plugin.wat", #{Plugins::MODULE.inspect})
        plugin = Wasmtime::Plugin.load("#{folder}/plugin.wat", imports: { "host" => { note: ->(n) { n } } }, cache_dir: false, reuse: 1)
        puts Array.new(3) { plugin.call(:count) }.join(" ")
        $stdout.flush
        reader, writer = IO.pipe
        pid = fork do
          Process.daemon(true, true)
          writer.puts Array.new(2) { plugin.call(:count) }.join(" ")
          writer.flush
          exit!(true)
        end
        writer.close
        Process.wait(pid)
        puts reader.read
      RUBY
    end

    it "end as they would in both, when a host block has forked" do
      expect(output_of(<<~RUBY)).to eq("child 1\nparent 2")
        File.write("#{folder}/plugin.wat", #{Plugins::MODULE.inspect})
        $stdout.sync = true
        note = ->(_n) { (pid = fork) ? Process.wait(pid) && 2 : 1 }
        plugin = Wasmtime::Plugin.load("#{folder}/plugin.wat", imports: { "host" => { note: note } }, cache_dir: false)
        main = Process.pid
        result = plugin.call(:ask, 1)
        puts "\#{Process.pid == main ? 'parent' : 'child'} \#{result}"
        exit!(true)
      RUBY
    end
  end
end
