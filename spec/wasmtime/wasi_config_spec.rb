# frozen_string_literal: true

require "pathname"
require "stringio"
require "tmpdir"

RSpec.describe Wasmtime::WasiConfig do
  def store(config)
    Wasmtime::Store.new(wasi_config: config)
  end

  let(:missing) { File.join(Dir.tmpdir, "wasmtime-rb-nothing-here") }

  it "returns itself from every setting" do
    config = wasi_config
    calls = [
      -> { config.inherit_stdin }, -> { config.inherit_stdout }, -> { config.inherit_stderr }, -> { config.set_stdin_string("") },
      -> { config.set_stdin_file("x") }, -> { config.set_stdout_file("x") }, -> { config.set_stderr_file("x") },
      -> { config.set_stdin("") }, -> { config.set_stdout(nil) }, -> { config.set_stderr(+"", 1) },
      -> { config.set_stdout_buffer(+"", 1) }, -> { config.set_stderr_buffer(+"", 1) }, -> { config.set_argv([]) }, -> { config.set_env({}) },
      -> { config.set_mapped_directory("a", "b", :read_only) }, -> { config.add_determinism }, -> { config.inherit_network },
      -> { config.allow_tcp(true) }, -> { config.allow_udp(true) }, -> { config.allow_ip_name_lookup(true) }
    ]
    calls.each { |call| expect(call.call).to equal(config) }
  end

  it "can be given to Store.new under both names, if it is the same" do
    config = wasi_config
    expect(Wasmtime::Store.new(wasi_p1_config: config)).to be_a(Wasmtime::Store)
    expect(Wasmtime::Store.new(wasi_config: config, wasi_p1_config: config)).to be_a(Wasmtime::Store)
    expect(Wasmtime::Store.new(wasi_config: nil)).to be_a(Wasmtime::Store)
    expect { Wasmtime::Store.new(wasi_config: config, wasi_p1_config: wasi_config) }.to raise_error(ArgumentError, /a store has one WASI/)
    expect { Wasmtime::Store.new(wasi_config: 1) }.to raise_error(TypeError, "wasi_config: expected a Wasmtime::WasiConfig, got Integer")
  end

  it "serves many stores" do
    output = +""
    config = wasi_config.set_argv(%w[probe echo a]).set_stdout_buffer(output, 100)
    3.times { ending(store(config)) }
    expect(output).to eq("a\n" * 3)
  end

  it "is copied with dup: later settings of one do not reach the other" do
    config = wasi_config.set_argv(%w[probe echo a])
    copy = config.dup.set_stdout_buffer(output = +"", 100)
    ending(store(config))
    expect(output).to eq("")
    ending(store(copy))
    expect(output).to eq("a\n")
  end

  it "tells what is set" do
    expect(wasi_config.inspect).to eq("#<Wasmtime::WasiConfig>")
    config = wasi_config.inherit_stdin.set_env("SECRET" => "x").set_mapped_directory("/tmp", "/t", :read_only)
    expect(config.inspect).to eq('#<Wasmtime::WasiConfig inherit_stdin, env, directories: ["/t"]>')
  end

  describe "#set_argv" do
    it "gives the guest its arguments, the last ones set" do
      run = probe { |config| config.set_argv(%w[other]).set_argv(["probe", "args", "a b", "", "ünï"]) }
      expect(run.stdout).to end_with("2 \"a b\" 612062\n3 \"\" \n4 \"ünï\" c3bc6ec3af\n".b.force_encoding(run.stdout.encoding))
    end

    it "takes what Store.new finds in the Array, and transcodes it" do
      arguments = %w[probe args]
      run = probe { |config| config.set_argv(arguments) && (arguments << "ü".encode("ISO-8859-1")) }
      expect(run.stdout).to include(" c3bc\n")
    end

    it "refuses what is no list of texts", :untyped do
      expect { store(wasi_config.set_argv("probe")) }.to raise_error(TypeError, "no implicit conversion of String into Array")
      expect { store(wasi_config.set_argv(["a", 1])) }.to raise_error(TypeError, "argv[1]: expected a String, got Integer")
      expect { store(wasi_config.set_argv(["a\0b"])) }.to raise_error(ArgumentError, 'argv[0] contains a NUL byte: "a\u0000b"')
      expect { store(wasi_config.set_argv(["\xff"])) }.to raise_error(EncodingError, 'argv[0] is not valid UTF-8: "\xFF"')
      expect { store(wasi_config.set_argv(["\xff".b])) }.to raise_error(EncodingError, 'argv[0] is not valid UTF-8: "\xFF"')
    end
  end

  describe "#set_env" do
    it "gives the guest its environment, and nothing of this process's" do
      expect(probe("env") { |config| config.set_env("B" => "2", "A" => "x=y", "EMPTY" => "") }).to prints("B=2\nA=x=y\nEMPTY=\n")
      expect(probe("env")).to prints("")
      expect(probe("env") { |config| config.set_env(ENV) }.stdout).to include("PATH=#{ENV.fetch('PATH')}\n")
    end

    it "refuses what is no list of variables" do
      expect { store(wasi_config.set_env([])) }.to raise_error(TypeError, "env: expected a Hash or ENV, got Array")
      expect { store(wasi_config.set_env("A" => 1)) }.to raise_error(TypeError, 'env["A"]: expected a String, got Integer')
      expect { store(wasi_config.set_env(A: "1")) }.to raise_error(TypeError, "the name of an environment variable: expected a String, got Symbol")
      expect { store(wasi_config.set_env("A" => "\0")) }.to raise_error(ArgumentError, 'env["A"] contains a NUL byte: "\u0000"')
      expect { store(wasi_config.set_env("A" => "\xff")) }.to raise_error(EncodingError, 'env["A"] is not valid UTF-8: "\xFF"')
      expect { store(wasi_config.set_env("A=B" => "")) }.to raise_error(ArgumentError, 'env: a name is empty or contains =: "A=B"')
      expect { store(wasi_config.set_env("" => "")) }.to raise_error(ArgumentError, 'env: a name is empty or contains =: ""')
    end
  end

  describe "#set_mapped_directory" do
    it "takes the older permissions where they can be kept" do
      Dir.mktmpdir do |folder|
        write = lambda do |*permissions|
          probe("write", "/d/x", "y") { |config| config.set_mapped_directory(Pathname(folder), "/d", *permissions) }
        end
        expect(write.call(:read, :read)).to fails_with("EPERM")
        expect(write.call(:all, :all)).to prints("done\n")
        expect(write.call(:read_only)).to fails_with("EPERM")
        expect(write.call(:read_write)).to prints("done\n")
      end
    end

    it "says what cannot be kept, and what does not exist", :untyped do
      attempt = ->(*permissions) { store(wasi_config.set_mapped_directory(".", "/d", *permissions)) }
      expect {
        attempt.call(:read, :write)
      }.to raise_error(ArgumentError, /\Athe permissions :read for directories and :write for files cannot be kept/)
      expect { attempt.call(:all, :x) }.to raise_error(ArgumentError, "invalid :file_perms, expected one of [:read, :write, :all], got :x")
      expect { attempt.call(:x, :all) }.to raise_error(ArgumentError, "invalid :dir_perms, expected one of [:read, :mutate, :all], got :x")
      expect { attempt.call(:x) }.to raise_error(ArgumentError, "invalid :permissions, expected one of [:read_only, :read_write], got :x")
    end

    it "refuses folders that are none", :untyped do
      expect { store(wasi_config.set_mapped_directory(missing, "/d", :read_only)) }
        .to raise_error(Wasmtime::Error, "Failed to open directory #{missing}: No such file or directory")
      expect { store(wasi_config.set_mapped_directory(__FILE__, "/d", :read_only)) }
        .to raise_error(Wasmtime::Error, "Failed to open directory #{__FILE__}: Not a directory")
      expect { store(wasi_config.set_mapped_directory("a\0", "/d", :read_only)) }.to raise_error(ArgumentError, /null byte/)
      expect { store(wasi_config.set_mapped_directory(".", "/\0", :read_only)) }.to raise_error(ArgumentError, /the guest's path contains a NUL byte/)
      expect {
        store(wasi_config.set_mapped_directory(".", "/\xff", :read_only))
      }.to raise_error(EncodingError, /the guest's path is not valid UTF-8/)
      expect {
        store(wasi_config.set_mapped_directory(1, "/d", :read_only))
      }.to raise_error(TypeError, "no implicit conversion of Integer into String")
    end

    it "refuses a folder whose name is not UTF-8" do
      Dir.mktmpdir do |folder|
        name = "#{folder}/\xff"
        Dir.mkdir(name)
        expect {
          store(wasi_config.set_mapped_directory(name, "/d", :read_only))
        }.to raise_error(EncodingError, /\Athe path is not valid UTF-8: .*xFF/)
      end
    end
  end

  describe "files for standard streams" do
    it "must be there, and must not be folders", :untyped do
      expect { store(wasi_config.set_stdin_file(missing)) }
        .to raise_error(Wasmtime::Error, "Failed to open file #{missing}: No such file or directory")
      expect { store(wasi_config.set_stdin_file(Dir.tmpdir)) }.to raise_error(Wasmtime::Error, "Failed to open file #{Dir.tmpdir}: Is a directory")
      expect { store(wasi_config.set_stdout_file("#{missing}/x")) }
        .to raise_error(Wasmtime::Error, "Failed to write to file #{missing}/x: No such file or directory")
      expect {
        store(wasi_config.set_stderr_file(Dir.tmpdir))
      }.to raise_error(Wasmtime::Error, "Failed to write to file #{Dir.tmpdir}: Is a directory")
      expect { store(wasi_config.set_stdin_file("a\0")) }.to raise_error(ArgumentError, /null byte/)
      expect { store(wasi_config.set_stdin_file(nil)) }.to raise_error(TypeError, "no implicit conversion of nil into String")
    end
  end

  describe "Strings for standard streams" do
    it "must be Strings with a capacity that is a number", :untyped do
      expect { wasi_config.set_stdout_buffer(:a, 1) }.to raise_error(TypeError, /no implicit conversion of Symbol into String/)
      expect { wasi_config.set_stdout_buffer(+"", "1") }.to raise_error(TypeError, /no implicit conversion of String into Integer/)
      expect { wasi_config.set_stderr_buffer(+"", -1) }.to raise_error(RangeError)
      expect { store(wasi_config.set_stdin_string(1)) }.to raise_error(TypeError, "stdin: expected a String, got Integer")
    end

    it "are truncated only where truncated? may be asked" do
      expect(wasi_config.truncated?).to be(false)
      expect(wasi_config.truncated?(:stdout)).to be(false)
      expect { wasi_config.truncated?(:stdin) }.to raise_error(ArgumentError, "expected :stdout or :stderr, got :stdin")
    end
  end

  describe "Ruby objects for standard streams" do
    def ended(config, *argv, **options)
      Wasmtime::Store.open(wasi_config: config.set_argv(["probe", *argv]), **options) { |store| ending(store) }
    end

    it "serve many stores, each of which reads on where the last one stopped" do
      lines = []
      config = wasi_config.set_stdin(StringIO.new("a")).set_stdout(->(line) { lines << line })
      2.times { ended(config, "cat") }
      ended(config, "echo", "b")
      config.flush
      expect(lines).to eq(%w[a b])
    end

    it "have got everything after #flush, which gives the configuration" do
      target = StringIO.new
      config = wasi_config.set_stdout(target)
      store = store(config.set_argv(%w[probe flood 300000]))
      ending(store)
      expect(config.flush).to equal(config)
      expect(target.string.bytesize).to eq(300_000)
      expect(wasi_config.flush).to be_a(described_class)
    end

    it "have their errors raised by #flush, and the guest writes to nobody" do
      error = RuntimeError.new("no")
      config = wasi_config.set_stdout(->(_line) { raise error })
      ended(config, "flood", "1000000")
      expect { config.flush }.to raise_error(equal(error))
    end

    it "count their bytes for each store, and tell which stream was cut" do
      target = StringIO.new
      config = wasi_config.set_stdout(target, 3).set_stderr(StringIO.new, 3)
      2.times { ended(config, "echo", "abcdef") && config.flush }
      expect([target.string, config.truncated?, config.truncated?(:stdout), config.truncated?(:stderr)]).to eq(["abcabc", true, true, false])
    end

    it "have the limit that was given last" do
      target = StringIO.new
      config = wasi_config.set_stdout(target, 3).set_stdout(target, 5)
      ended(config, "echo", "abcdef")
      config.flush
      expect(target.string).to eq("abcde")
    end

    it "cut lines that do not end, and give the last one without an end" do
      lines = []
      config = wasi_config.set_stdin(StringIO.new("#{'x' * 70_000}\r\n\nlast")).set_stdout(->(line) { lines << line })
      Wasmtime::Store.open(wasi_config: config.set_argv(%w[probe cat])) { |store| ending(store) }
      sleep 0.001 until lines.last == "last"
      expect(lines.map(&:size)).to eq([65_536, 70_000 - 65_536, 0, 4])
      expect(lines.first.encoding).to eq(Encoding::UTF_8)
    end

    it "can be set to nothing and to this process's own again" do
      config = wasi_config.set_stdin(StringIO.new).set_stdout(StringIO.new).set_stderr(+"", nil)
      expect(config.inspect).to eq("#<Wasmtime::WasiConfig stdin_stream, stdout_stream, stderr_buffer>")
      expect(config.set_stdin(nil).set_stdout(:null).set_stderr(:inherit).inspect).to eq("#<Wasmtime::WasiConfig inherit_stderr>")
      expect(config.set_stdin("text").inspect).to eq("#<Wasmtime::WasiConfig inherit_stderr, stdin_string>")
    end

    it "need the GVL while the guest runs, so that a call cannot hold it" do
      message = "the guest's standard streams are Ruby objects, whose threads need the GVL while it runs: leave out gvl: :hold"
      config = wasi_config.set_stdout(StringIO.new)
      expect { Wasmtime::Store.new(wasi_config: config, gvl: :hold) }.to raise_error(ArgumentError, message)
      store = store(config.set_argv(%w[probe echo a]))
      instance = wasi_linker.instantiate(store, guest("probe"))
      expect { instance.invoke("_start", gvl: :hold) }.to raise_error(ArgumentError, message)
      expect { instance.invoke("_start", gvl: :release) }.not_to raise_error
    end

    it "leave nothing behind when the store cannot be made" do
      before = Thread.list.size
      config = wasi_config.set_stdin(StringIO.new("a")).set_stdout(StringIO.new).set_stderr_file("/nowhere/x")
      expect { store(config) }.to raise_error(Wasmtime::Error, %r{/nowhere/x})
      expect(Thread.list.size).to eq(before)
    end

    it "have their manners checked at once" do
      expect { wasi_config.set_stdin(5) }
        .to raise_error(TypeError, /\Astdin: expected a String, something with readpartial or read .*, :inherit or :null, got 5\z/)
      expect { wasi_config.set_stdout(:inherited) }.to raise_error(TypeError, /\Astdout: expected a String, something with write .* got :inherited\z/)
      expect { wasi_config.set_stderr(StringIO.new, "1") }.to raise_error(TypeError, 'limit: expected a number of bytes or nil, got "1"')
      expect { wasi_config.set_stderr(StringIO.new, -1) }.to raise_error(ArgumentError, "limit: expected at least 0 bytes, got -1")
    end
  end

  describe "the network" do
    it "can be allowed and forbidden; preview 1 has no sockets of its own" do
      allowed = wasi_config.inherit_network.allow_tcp(true).allow_udp(false).allow_ip_name_lookup(true)
      expect(store(allowed)).to be_a(Wasmtime::Store)
      expect(wasi_config.socket_addr_check { raise "never asked by preview 1" }.socket_addr_check).to be_a(described_class)
      expect(probe("sock-accept", "1") { |config| config.socket_addr_check { raise "asked" } }).to fails_with("ENOTSOCK")
      expect(probe("sock-accept", "1", &:inherit_network)).to fails_with("ENOTSOCK")
      expect(probe("sock-accept", "99", &:inherit_network)).to fails_with("EBADF")
    end
  end
end
