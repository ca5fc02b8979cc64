# frozen_string_literal: true

require "open3"
require "shellwords"
require "tmpdir"

RSpec.describe "WASI's standard streams" do
  alphabet = [*"a".."z"].join

  it "are empty when nothing is configured: reading ends at once, what is written goes nowhere" do
    output = +""
    config = wasi_config.set_argv(%w[probe reads]).set_stdout_buffer(output, 100)
    Wasmtime::Store.open(wasi_config: config) { |store| expect(ending(store)).to eq(:returned) }
    expect(output).to eq("read 0\nread 0\n")

    quiet = wasi_config.set_argv(%w[probe flood 100000])
    Wasmtime::Store.open(wasi_config: quiet) { |store| expect(ending(store)).to eq(:returned) }
  end

  it "read a String, byte for byte" do
    bytes = "one\ntwo\0\xff".b
    expect(probe("cat") { |config| config.set_stdin_string(bytes) }.stdout.b).to eq(bytes)
    expect(probe("reads", "2") { |config| config.set_stdin_string("hello") }).to prints("read 2: he\nread 2: ll\nread 1: o\nread 0\nread 0\n")
  end

  it "read the String as it is when the store is made" do
    input = +"before"
    config = wasi_config.set_stdin_string(input).set_argv(%w[probe cat])
    output = +""
    config.set_stdout_buffer(output, 100)
    input.replace("after")
    store = Wasmtime::Store.new(wasi_config: config)
    input.replace("too late")
    ending(store)
    expect(output).to eq("after")
  end

  it "take a flood to the last byte, in whatever pieces it comes" do
    flood = (alphabet * 40_000)[0, 1_000_000]
    runs = [%w[1000000], %w[1000000 stdout 65000]].map { |arguments| probe("flood", *arguments) }
    runs.each { |run| expect([run.ending, run.stdout == flood, run.stderr]).to eq([:returned, true, ""]) }
    run = probe("flood", "1000000", "stderr", "77")
    expect([run.ending, run.stdout, run.stderr == flood]).to eq([:returned, "", true])
  end

  it "truncate at the capacity, without the guest noticing, and say so" do
    [0, 1, 26, 4095, 4096, 4097, 9999].each do |capacity|
      output = +""
      config = wasi_config.set_argv(%w[probe flood 10000]).set_stdout_buffer(output, capacity).set_stderr_buffer(+"", 10)
      Wasmtime::Store.open(wasi_config: config) { |store| expect(ending(store)).to eq(:returned) }
      expect(output).to eq((alphabet * 400)[0, capacity])
      expect([config.truncated?, config.truncated?(:stdout), config.truncated?(:stderr)]).to eq([true, true, false])
    end
  end

  it "are not truncated when everything fits exactly" do
    output = +""
    config = wasi_config.set_argv(%w[probe flood 5000]).set_stdout_buffer(output, 5000)
    Wasmtime::Store.open(wasi_config: config) { |store| ending(store) }
    expect([output.bytesize, config.truncated?]).to eq([5000, false])
  end

  it "append to what the String holds already, which counts" do
    output = +"so far: "
    config = wasi_config.set_argv(%w[probe echo abc]).set_stdout_buffer(output, 10)
    Wasmtime::Store.open(wasi_config: config) { |store| ending(store) }
    expect(output).to eq("so far: ab")
    expect(config).to be_truncated
  end

  it "keep the order of both streams in one String" do
    both = +""
    config = wasi_config.set_argv(%w[probe interleave 3]).set_stdout_buffer(both, 1000).set_stderr_buffer(both, 1000)
    Wasmtime::Store.open(wasi_config: config) { |store| ending(store) }
    expect(both).to eq("out 1\nerr 1\nout 2\nerr 2\nout 3\nerr 3\n")
  end

  it "have room again when the program empties the String between calls" do
    output = +""
    store = Wasmtime::Store.new(wasi_config: wasi_config.set_stdout_buffer(output, 6))
    reactor = wasi_linker.instantiate(store, guest("reactor"))
    reactor.invoke("_initialize")
    written = %w[first second third].map do |word|
      reactor.with_bytes(word) { |pointer, length| reactor.invoke("say", pointer, length) }
      output.dup.tap { output.clear }
    end
    expect(written).to eq(%W[first\n second third\n])
  end

  it "are up to date when a host function runs" do
    output = +""
    seen = []
    linker = wasi_linker.dup
    linker.define_all("host" => { "log" => ->(_pointer, _length) { seen << output.dup }, "ask" => ->(n) { seen << output.dup and n } })
    store = Wasmtime::Store.new(wasi_config: wasi_config.set_stdout_buffer(output, 1000))
    linker.instantiate(store, guest("host")).invoke("_start")
    expect(seen).to eq(["before log\n", "before log\nbefore ask\n"])
    expect(output).to eq("before log\nbefore ask\nthe answer is 21\n")
  end

  it "are there when the call ends with a trap, an exit or an exception of a host block" do
    expect(probe("trap", "divide")).to have_attributes(ending: an_instance_of(Wasmtime::Trap), stdout: "trapping\n")
    expect(probe("exit", "3")).to have_attributes(ending: 3, stdout: "exiting\n")
    output = +""
    linker = wasi_linker.dup
    linker.define_all("host" => { "log" => ->(_, _) { throw :out, "thrown" }, "ask" => ->(n) { n } })
    store = Wasmtime::Store.new(wasi_config: wasi_config.set_stdout_buffer(output, 1000))
    instance = linker.instantiate(store, guest("host_reactor"))
    instance.invoke("_initialize")
    expect(catch(:out) { instance.invoke("run", 1) }).to eq("thrown")
    expect(output).to eq("before log\n")
  end

  it "raise when the String has been frozen meanwhile, and go on when there is another" do
    output = (+"").freeze
    store = Wasmtime::Store.new(wasi_config: wasi_config.set_argv(%w[probe echo a]).set_stdout_buffer(output, 100))
    expect(ending(store)).to be_a(Wasmtime::Error).and have_attributes(message: /the String that takes the guest's output is frozen/)
  end

  it "keep the Strings alive as long as the store" do
    store = Wasmtime::Store.new(wasi_config: wasi_config.set_argv(%w[probe flood 100000]).set_stdout_buffer(+"", 1 << 20))
    GC.start
    GC.compact if GC.respond_to?(:compact)
    expect(ending(store)).to eq(:returned)
  end

  it "fail with EBADF when the guest has closed them" do
    %w[0 1 9].each { |descriptor| expect(probe("closed", descriptor)).to fails_with("EBADF") }
  end

  it "go to files, which are emptied when the store is made" do
    Dir.mktmpdir do |folder|
      out, err = %w[out err].map { |name| File.join(folder, name).tap { |path| File.write(path, "old") } }
      config = wasi_config.set_argv(%w[probe interleave 2]).set_stdout_file(out).set_stderr_file(err)
      Wasmtime::Store.open(wasi_config: config) do |store|
        expect([File.read(out), File.read(err)]).to eq(["", ""])
        ending(store)
        expect([File.read(out), File.read(err)]).to eq(["out 1\nout 2\n", "err 1\nerr 2\n"])
      end
    end
  end

  it "come from a file" do
    Dir.mktmpdir do |folder|
      path = File.join(folder, "in")
      File.binwrite(path, "x" * 200_000)
      expect(probe("cat") { |config| config.set_stdin_file(path) }).to prints("x" * 200_000)
      expect(probe("cat") { |config| config.set_stdin_file(Pathname(path)) }.stdout.bytesize).to eq(200_000)
    end
  end

  it "come from a pipe that a Ruby thread feeds while the guest waits" do
    Dir.mktmpdir do |folder|
      pipe = File.join(folder, "pipe")
      File.mkfifo(pipe)
      feeder = Thread.new do
        File.open(pipe, "w") { |file| 3.times { |line| (file.puts("line #{line}") || file.flush) && sleep(0.02) } }
      end
      expect(probe("lines") { |config| config.set_stdin_file(pipe) }).to prints("1: line 0\n2: line 1\n3: line 2\n")
      feeder.join
    end
  end

  it "inherit the descriptors of the process" do
    code = <<~RUBY
      linker = Wasmtime::Linker.new
      Wasmtime::WASI::P1.add_to_linker_sync(linker)
      config = Wasmtime::WasiConfig.new.inherit_stdin.inherit_stdout.inherit_stderr.set_argv(%w[probe cat])
      program = Wasmtime::Module.from_file("#{WasiGuests::FOLDER}/probe.wasm")
      $stdout.sync = true
      print "ruby "
      Wasmtime::Store.open(wasi_config: config) { |store| linker.instantiate(store, program).invoke("_start") }
      config.set_argv(%w[probe flood 3 stderr])
      Wasmtime::Store.open(wasi_config: config) { |store| linker.instantiate(store, program).invoke("_start") }
    RUBY
    command = [RbConfig.ruby, "-I#{Subprocess::LIB}", "-rwasmtime", "-e", code]
    out, err, status = Open3.capture3(*command, stdin_data: "from outside")
    expect([out, err, status.success?]).to eq(["ruby from outside", "abc", true])
    # Closed from the start, or at its end: there is nothing to read.
    %w[<&- </dev/null].each do |closed|
      out, err, status = Open3.capture3("#{command.shelljoin} #{closed}")
      expect([out, err, status.success?]).to eq(["ruby ", "abc", true]), closed
    end
  end
end
