# frozen_string_literal: true

RSpec.describe "WASI where it is dangerous" do
  guests = File.expand_path("../../fixtures/guests", __dir__)
  # What the programs below begin with: `run` runs probe and gives what it printed.
  prelude = <<~RUBY
    LINKER = Wasmtime::Linker.new
    Wasmtime::WASI::P1.add_to_linker_sync(LINKER)
    PROBE = Wasmtime::Module.from_file("#{guests}/probe.wasm")
    def store(*argv, output: +"", capacity: 1 << 20)
      config = Wasmtime::WasiConfig.new.set_argv(["probe", *argv]).set_stdout_buffer(output, capacity)
      yield config if block_given?
      Wasmtime::Store.new(wasi_config: config)
    end
    def start(store) = LINKER.instantiate(store, PROBE).invoke("_start")
    def run(*argv, **options, &block)
      output = +""
      made = store(*argv, output: output, **options, &block)
      start(made)
      output
    rescue Wasmtime::WasiExit => e
      output + "exit " + e.code.to_s
    ensure
      made&.close
    end
  RUBY

  define_method(:wasi_apart) { |code, **options| "#{apart(prelude + code, timeout: 120, **options)}\n" }

  it "runs in a forked child, whose streams have threads of their own" do
    expect(wasi_apart(<<~'RUBY')).to eq("parent echo a\nchild echo a\nchild stdin x\nchild of child echo a\nparent echo a\n")
      puts "parent echo " + run("echo", "a")
      $stdout.flush
      Process.wait(fork do
        puts "child echo " + run("echo", "a")
        puts "child stdin " + run("cat") { |config| config.set_stdin_string("x\n") }
        $stdout.flush
        Process.wait(fork { puts "child of child echo " + run("echo", "a") })
      end)
      puts "parent echo " + run("echo", "a")
    RUBY
  end

  it "refuses a store of the parent in a child, and closes it without waiting for the parent's threads" do
    expect(wasi_apart(<<~'RUBY')).to eq("Wasmtime::ForkedStoreError: the store's WASI was set up before this process was forked; create a new Store in the child\ntrue\nlater\n")
      made = store("echo", "a") { |config| config.inherit_stderr }
      start(made)
      Process.wait(fork do
        error = raised { start(made) }
        puts "#{error.class}: #{error.message}", made.close
        made = nil
        GC.start
      end)
      start(made)
      puts "later"
    RUBY
  end

  it "stops a guest that a host block took into a forked child" do
    code = <<~'RUBY'
      linker = LINKER.dup
      linker.define_all("host" => { "log" => ->(_, _) { (child = fork) ? Process.wait(child) : (at_exit { puts "child ends" }) }, "ask" => ->(n) { n } })
      host = Wasmtime::Module.from_file("GUESTS/host.wasm")
      output = +""
      config = Wasmtime::WasiConfig.new.set_stdout_buffer(output, 1000)
      parent = Process.pid
      error = raised { linker.instantiate(Wasmtime::Store.new(wasi_config: config), host).invoke("_start") }
      puts Process.pid == parent ? "parent: #{output.lines.last}" : "child: #{error.class}"
      $stdout.flush
    RUBY
    expect(wasi_apart(code.sub("GUESTS", guests))).to eq("child: Wasmtime::ForkedStoreError\nchild ends\nparent: the answer is 21\n")
  end

  it "serves threads, each with its store" do
    expect(wasi_apart(<<~'RUBY')).to eq("true\n")
      expected = ("abcdefghijklmnopqrstuvwxyz" * 800)[0, 20_000]
      puts 8.times.map { Thread.new { 20.times.all? { run("flood", "20000") == expected } } }.all?(&:value)
    RUBY
  end

  it "lets other threads run while a guest waits for a pipe" do
    expect(wasi_apart(<<~'RUBY')).to eq("read 2: x\n\nread 0\nread 0\ntrue\n")
      require "tmpdir"
      Dir.mktmpdir do |folder|
        pipe = File.join(folder, "pipe")
        File.mkfifo(pipe)
        count = 0
        feeder = Thread.new { File.open(pipe, "w") { |file| sleep 0.2; file.write("x\n") } }
        counter = Thread.new { loop { count += 1; sleep 0.005 } }
        puts run("reads") { |config| config.set_stdin_file(pipe) }
        feeder.join
        counter.kill
        puts count > 10
      end
    RUBY
  end

  it "keeps no more of a flood than its String may take" do
    expect(wasi_apart(<<~'RUBY')).to eq("1000\ntrue\n")
      run("flood", "1000000")
      before = rss
      puts run("flood", "300000000", capacity: 1000).bytesize
      puts rss - before < 100
    RUBY
  end

  it "leaves nothing behind" do
    expect(wasi_apart(<<~'RUBY')).to eq("0\n0\ntrue\n")
      apart { 50.times { run("echo", "a") } }
      eventually { live.zero? }
      before = rss
      apart { 2000.times { run("echo", "a") { |config| config.set_stdin_string("x" * 10_000).set_mapped_directory(".", "/d", :read_only) } } }
      eventually { live.zero? }
      puts live, live(:WasiConfig), rss - before < 30
    RUBY
  end

  it "opens no files it does not close, also when a store cannot be made" do
    expect(wasi_apart(<<~'RUBY')).to eq("0\n")
      descriptors = -> { Dir.children("/proc/self/fd").size }
      run("echo", "a")
      GC.start
      before = descriptors.call
      20.times do
        run("cat") { |config| config.set_stdin_file("/etc/hostname").set_mapped_directory("/tmp", "/t", :read_only).set_stderr_file(File::NULL) }
        raised { store("cat") { |config| config.set_stdin_file("/etc/hostname").set_stderr_file("/nowhere/x") } }
        raised { store("cat") { |config| config.set_stdin_file("/etc/hostname").set_argv(["\0"]) } }
      end
      eventually { descriptors.call <= before }
      puts descriptors.call - before
    RUBY
  end

  it "survives GC.stress, small programs and all" do
    code = <<~'RUBY'
      run("echo", "warm")
      GC.stress = true
      puts run("args", "a", "é")
      puts run("cat") { |config| config.set_stdin_string("input") }
      puts run("exit", "3")
      puts run("clock", &:add_determinism)
      puts run("ls", "/d") { |config| config.set_mapped_directory("spec/guests/probe", "/d", :read_only) }
      linker = LINKER.dup
      linker.define_all("host" => { "log" => ->(_, _) { "garbage" * 3 }, "ask" => ->(n) { n * 2 } })
      host = Wasmtime::Module.from_file("GUESTS/host.wasm")
      output = +""
      config = Wasmtime::WasiConfig.new.set_stdout_buffer(output, 1000)
      linker.instantiate(Wasmtime::Store.new(wasi_config: config), host).invoke("_start")
      puts output
    RUBY
    expect(wasi_apart(code.sub("GUESTS", guests))).to eq(<<~TEXT)
      0 "probe" 70726f6265
      1 "args" 61726773
      2 "a" 61
      3 "é" c3a9
      input
      exiting
      exit 3
      realtime 0
      monotonic 0
      file exits.c
      file files.c
      file main.c
      file probe.h
      file stdio.c
      file system.c
      before log
      before ask
      the answer is 42
    TEXT
  end

  it "survives GC.stress in MicroPython and a Go reactor" do
    fixtures = File.expand_path("../../fixtures", __dir__)
    skip "fixtures are missing: run `rake fixtures`" unless %w[micropython pii_shield].all? { |name| File.file?("#{fixtures}/#{name}.wasm") }

    expect(wasi_apart(<<~RUBY)).to eq("42\ncaught\npassword=[HIDDEN]\n")
      require "./examples/python/micropython"
      python = MicroPython.new("#{fixtures}/micropython.wasm", "add" => ->(*numbers) { numbers.sum })
      go = LINKER.instantiate_pre(Wasmtime::Module.from_file("#{fixtures}/pii_shield.wasm"))
      GC.stress = true
      print python.run("print(call('add', 2, 40))")
      print python.run("try:\\n    1 / 0\\nexcept ZeroDivisionError:\\n    print('caught')")
      instance = go.instantiate(Wasmtime::Store.new(wasi_config: Wasmtime::WasiConfig.new))
      instance.invoke("_initialize")
      text = "password=hunter2secret42"
      pointer = instance.invoke("allocate", text.bytesize)
      memory = instance.export("memory").to_memory
      memory.write(pointer, text)
      address, size = [instance.invoke("redact", pointer, text.bytesize)].pack("q<").unpack("L<2").reverse
      puts memory.read(address, size).sub(/:\\h+/, "")
    RUBY
  end
end
