# frozen_string_literal: true

RSpec.describe "Wasmtime.subscribe" do
  let(:events) { [] }

  after { @subscriptions.to_a.each { |subscription| Wasmtime.unsubscribe(subscription) } }

  def subscribe(pattern = nil)
    (@subscriptions ||= []) << Wasmtime.subscribe(pattern) { |name, payload| events << [name, payload.slice(:plugin, :function, :outcome)] }
    @subscriptions.last
  end

  def call(plugin, *arguments)
    plugin.call(*arguments)
  rescue StandardError
    nil
  end

  Plugins::KINDS.each do |kind|
    it "tells of each compilation and call of a #{kind}, and how they ended" do
      subscribe
      plugin = load_plugin(kind, limits: { timeout: 0.05 }, note: ->(n) { n.zero? ? raise(IOError) : n })
      [[:add, 1, 2], [:boom], [:spin], [:grow], [:ask, 0], [:add]].each { |arguments| call(plugin, *arguments) }
      call(load_plugin(kind, limits: { fuel: 10 }, name: "tanker"), :spin)
      event = ->(name, function, outcome, whose = kind.name) { ["#{name}.wasmtime", { plugin: whose, function: function, outcome: outcome }] }
      expect(events).to eq([
                             event["compile", nil, :ok], event["call", "add", :ok],
                             event["call", "boom", :trap], event["trap", "boom", :trap],
                             event["call", "spin", :timeout], event["trap", "spin", :timeout],
                             event["call", "grow", :memory_limit], event["trap", "grow", :memory_limit],
                             event["call", "ask", :host_error], event["call", "add", :error],
                             event["compile", nil, :ok, "tanker"],
                             event["call", "spin", :out_of_fuel, "tanker"], event["trap", "spin", :out_of_fuel, "tanker"]
                           ])
    end
  end

  it "tells what a call took, and the error it ended with" do
    payloads = []
    subscription = Wasmtime.subscribe("call.wasmtime") { |_name, payload| payloads << payload }
    plugin = load_plugin(:module, reuse: 1)
    plugin.call(:ask, 1)
    plugin.call(:ask, 1)
    error = raised { plugin.call(:boom) }
    raised { plugin.call(:none) }
    expect(payloads.map { |payload| [payload[:error], payload[:usage].host_calls, payload[:usage].peak_memory] })
      .to eq([[nil, 1, 65_536], [nil, 1, 65_536], [error, 0, 65_536]])
    expect(payloads.map { |payload| payload[:duration] }).to all(be_positive)
  ensure
    Wasmtime.unsubscribe(subscription)
  end

  it "tells of waiting in vain, and of what does not compile" do
    subscribe
    arrived = Queue.new
    go = Queue.new
    plugin = load_plugin(:module, pool: 1, checkout_timeout: 0, note: ->(n) { arrived.push(n) && go.pop })
    thread = Thread.new { plugin.call(:ask, 1) }
    arrived.pop
    call(plugin, :add, 1, 2)
    go.push(1)
    thread.join
    expect(events.map(&:last)).to include({ plugin: "module", function: "add", outcome: :checkout_timeout })
    error = raised { load_text("(module (bad))") }
    expect([error.class, events.last]).to eq([Wasmtime::CompileError, ["compile.wasmtime", { plugin: "plugin", function: nil, outcome: :error }]])
  end

  it "tells of what is asked for: all, a name or a pattern" do
    subscribe("trap.wasmtime")
    subscribe(/\Acompile/)
    plugin = load_plugin(:module)
    call(plugin, :boom)
    plugin.call(:add, 1, 2)
    expect(events.map(&:first)).to eq(["compile.wasmtime", "trap.wasmtime"])
  end

  it "ends" do
    subscription = subscribe
    expect([Wasmtime.unsubscribe(subscription), Wasmtime.unsubscribe(subscription), Wasmtime.unsubscribe(nil)]).to eq([true, false, false])
    load_plugin(:module).call(:add, 1, 2)
    expect(events).to eq([])
    expect(subscription.inspect).to eq("#<Wasmtime subscription to everything>")
  end

  it "does not let a subscriber fail a call, nor keep the others from hearing of it" do
    failing = Wasmtime.subscribe { raise "mine" }
    subscribe("call.wasmtime")
    plugin = nil
    warning = "wasmtime-rb: a subscriber to call.wasmtime raised RuntimeError: mine\n"
    expect { plugin = load_plugin(:module) }.to output(/compile\.wasmtime raised/).to_stderr
    expect { expect(plugin.call(:add, 1, 2)).to eq(3) }.to output(warning).to_stderr
    expect(events.size).to eq(1)
  ensure
    Wasmtime.unsubscribe(failing)
  end

  it "may be called by many threads" do
    subscriptions = Array.new(8) { Thread.new { Array.new(50) { Wasmtime.subscribe { nil } } } }.flat_map(&:value)
    expect(subscriptions.uniq(&:object_id).size).to eq(400)
    ended = subscriptions.shuffle.each_slice(100).map { |some| Thread.new { some.map { |one| Wasmtime.unsubscribe(one) } } }
    expect(ended.flat_map(&:value).tally).to eq(true => 400)
  end

  it "needs a block" do
    expect { Wasmtime.subscribe("call.wasmtime") }.to raise_error(ArgumentError, "no block given")
  end

  # The same code as where ActiveSupport is, in a process that has it.
  it "has the same events as ActiveSupport::Notifications" do
    path = write("plugin.wat", '(module (func (export "five") (result i32) i32.const 5) (func (export "boom") unreachable))')
    out, err, status = run_ruby(<<~RUBY)
      begin
        require "active_support"
        require "active_support/notifications"
      rescue LoadError
        exit 7
      end
      seen = []
      ours = []
      ActiveSupport::Notifications.subscribe(/wasmtime/) { |name, _start, _finish, _id, payload| seen << [name, payload] }
      Wasmtime.subscribe { |name, payload| ours << [name, payload] }
      plugin = Wasmtime::Plugin.load(#{path.inspect}, cache_dir: false)
      plugin.call(:five)
      plugin.call(:boom) rescue nil
      seen.each { |name, payload| puts [name, *payload.values_at(:function, :outcome), *payload.values_at(:usage, :error, :duration).map(&:class)].join(" ") }
      puts ours.map(&:first) == seen.map(&:first)
    RUBY
    skip "active_support is not installed" if status.exitstatus == 7

    expect([err, status.success?, out.lines(chomp: true)]).to match(["", true, [
                                                                      "compile.wasmtime  ok NilClass NilClass Float",
                                                                      "call.wasmtime five ok Wasmtime::Usage NilClass Float",
                                                                      "call.wasmtime boom trap Wasmtime::Usage Wasmtime::Plugin::GuestError Float",
                                                                      "trap.wasmtime boom trap Wasmtime::Usage Wasmtime::Plugin::GuestError Float",
                                                                      "true"
                                                                    ]])
  end
end
