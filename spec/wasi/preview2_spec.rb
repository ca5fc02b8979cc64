# frozen_string_literal: true

require "socket"
require "timeout"
require "tmpdir"

# What is true of preview 1 is true of preview 2: the same program in C runs as a module and as a component.
RSpec.describe "WASI preview 2" do
  # The run as a component, after it was found to be the same as the run as a module.
  def both(*arguments, &)
    component = component_probe(*arguments, &)
    mod = probe(*arguments, &)
    same = [mod, component].map { |run| [run.ending.respond_to?(:code) ? run.ending.code : run.ending, run.stdout, run.stderr] }
    expect(same.last).to eq(same.first)
    component
  end

  it "gives arguments and environment" do
    expect(both("args", "one", "zw\u00f6lf", "")).to have_attributes(ending: :returned)
    expect(both("env") { |config| config.set_env("A" => "1", "B" => "zwei") }.stdout).to eq("A=1\nB=zwei\n")
    expect(both("env").stdout).to eq("")
  end

  it "reads and writes the standard streams, complete and in order" do
    expect(both("cat") { |config| config.set_stdin_string("one\ntwo\0\xff".b) }.stdout.b).to eq("one\ntwo\0\xff".b)
    expect(both("flood", "1000000", "stdout", "65000").stdout.bytesize).to eq(1_000_000)
    both("flood", "100000", "stderr", "77")
    output = +""
    both("interleave", "200") { |config| config.set_stdout_buffer(output, 100_000).set_stderr_buffer(output, 100_000) }
    expect(output.lines.size).to eq(800)
  end

  it "cuts at the capacity, and says so" do
    output = +""
    config = wasi_config.set_argv(%w[probe flood 5000]).set_stdout_buffer(output, 100)
    Wasmtime::Store.open(wasi_config: config) { |store| expect(component_ending(store)).to eq(:returned) }
    expect([output.bytesize, config.truncated?]).to eq([100, true])
  end

  it "reads a pipe that a Ruby thread feeds" do
    reader, writer = IO.pipe
    thread = Thread.new do
      5.times { |n| sleep(0.02) && writer.puts("line #{n}") }
      writer.close
    end
    run = component_probe("cat") { |config| config.set_stdin_file("/proc/self/fd/#{reader.fileno}") }
    expect(run.stdout).to eq(Array.new(5) { |n| "line #{n}\n" }.join)
  ensure
    thread&.join
    reader&.close
  end

  it "ends with the same statuses and traps" do
    # Preview 2 says no more than whether all went well.
    expect(component_probe("exit", "0").ending).to eq(0)
    expect(component_probe("exit", "1").ending).to eq(1)
    expect(component_probe("return", "42")).to have_attributes(ending: be_positive, stdout: "returning\n")
    expect(component_probe("deep-exit", "7")).to have_attributes(ending: be_positive, stdout: "returning\nleaving\n")
    %w[unreachable divide memory stack].each { |kind| both("trap", kind) }
  end

  it "sees the directories it is given, and no others" do
    Dir.mktmpdir do |folder|
      File.write(File.join(folder, "a.txt"), "text")
      mapped = ->(config) { config.set_mapped_directory(folder, "/d", :read_write) }
      expect(both("read", "/d/a.txt", &mapped).stdout).to eq("text")
      both("ls", "/d", &mapped)
      both("read", "/d/none", &mapped)
      both("read", "/etc/passwd", &mapped)
      both("read", "/d/../a.txt", &mapped)
      expect(component_probe("write", "/d/b.txt", "new", &mapped)).to prints("done\n")
      expect(File.read(File.join(folder, "b.txt"))).to eq("new")
      denied = component_probe("write", "/d/c.txt", "new") { |config| config.set_mapped_directory(folder, "/d", :read_only) }
      expect([denied.ending, denied.stderr, File.exist?(File.join(folder, "c.txt"))]).to match([1, /error: E/, false])
    end
  end

  it "is the same each time when it is deterministic" do
    runs = Array.new(2) { [component_probe("random", "16", &:add_determinism), component_probe("clock", &:add_determinism)].map(&:stdout) }
    expect(runs.first).to eq(runs.last)
    expect(component_probe("random", "16").stdout).not_to eq(component_probe("random", "16").stdout)
  end

  it "sleeps, and can be stopped while it does" do
    expect(component_probe("sleep", "20")).to have_attributes(ending: :returned)
    expect(component_probe("sleep", "20000", timeout: 0.1).ending).to be_a(Wasmtime::TimeoutError)
    expect { Timeout.timeout(0.1) { component_probe("sleep", "20000") } }.to raise_error(Timeout::Error)
    reader, writer = IO.pipe
    reads = ->(**options) { component_probe("cat", **options) { |config| config.set_stdin_file("/proc/self/fd/#{reader.fileno}") } }
    expect(reads.call(timeout: 0.1).ending).to be_a(Wasmtime::TimeoutError)
    thread = Thread.new { reads.call }
    sleep 0.05
    expect(thread.kill.join(10)).to be(thread)
  ensure
    [reader, writer].each { |io| io&.close }
  end

  it "works in a forked child" do
    code = <<~RUBY
      linker = Wasmtime::Component::Linker.new.tap { |linker| Wasmtime::WASI::P2.add_to_linker_sync(linker) }
      component = Wasmtime::Component::Component.from_file(#{File.join(WasiGuests::FOLDER, 'probe_component.wasm').inspect})
      run = lambda do |*argv|
        config = Wasmtime::WasiConfig.new.set_argv(["probe", *argv]).set_stdin_string("x").set_stdout_buffer(out = +"", 99)
        store = Wasmtime::Store.new(wasi_config: config)
        Wasmtime::Component::WasiCommand.new(store, component, linker).call_run(store)
        out
      end
      print run.call("poll", "60000")
      STDOUT.flush
      Process.wait(fork { print run.call("cat"), run.call("sleep", "5").size })
      print $?.exitstatus
    RUBY
    expect(output_of(code, timeout: 20)).to eq("stdin\nx60")
  end

  describe "sockets" do
    before(:all) { @tcp = Wasmtime::Component::Component.from_file(fixture("guests/tcp")) }

    around do |example|
      @server = TCPServer.new("127.0.0.1", 0)
      example.run
    ensure
      @server&.close
    end

    # What `connect` gives: 0 for a connection, 2 for access denied.
    def connect(config = wasi_config)
      WasiGuests.component_linker.instantiate(Wasmtime::Store.new(wasi_config: config), @tcp).functions.connect(@server.addr[1])
    end

    it "are off, and on for what is allowed" do
      expect(connect).to eq(2)
      expect(connect(wasi_config.inherit_network)).to eq(0)
      expect(connect(wasi_config.inherit_network.allow_tcp(false))).to eq(2)
      expect(connect(wasi_config.allow_tcp(true))).to eq(2)
    end

    it "ask a block about each address, and what it is for" do
      asked = []
      expect(connect(wasi_config.socket_addr_check { |address, use| asked << [address, use] })).to eq(0)
      expect(asked).to eq([["0.0.0.0:0", :tcp_bind], ["127.0.0.1:#{@server.addr[1]}", :tcp_connect]])
      expect(connect(wasi_config.socket_addr_check { |address, _use| !address.start_with?("127.") })).to eq(2)
      expect(connect(wasi_config.socket_addr_check { nil })).to eq(2)
    end

    it "raise what the block raised when the call returns, and let the block not use the store" do
      error = IOError.new("mine")
      expect { connect(wasi_config.socket_addr_check { raise error }) }.to raise_error(error)
      expect(catch(:out) { connect(wasi_config.socket_addr_check { throw :out, :thrown }) }).to eq(:thrown)
      refused = nil
      store = nil
      config = wasi_config.socket_addr_check { |_, _| (refused = raised { store.gc }) || true }
      store = Wasmtime::Store.new(wasi_config: config)
      expect(WasiGuests.component_linker.instantiate(store, @tcp).functions.connect(@server.addr[1])).to eq(0)
      expect(refused).to be_a(Wasmtime::StoreBusyError)
    end

    def raised
      yield
    rescue Wasmtime::Error => e
      e
    end

    it "wait where they can be stopped" do
      guest = WasiGuests.component_linker.instantiate(Wasmtime::Store.new(wasi_config: wasi_config), @tcp)
      guest.functions.rest(1_000_000)
      expect { guest.functions.rest(60_000_000_000, timeout: 0.1) }.to raise_error(Wasmtime::TimeoutError)
    end
  end
end
