# frozen_string_literal: true

require "digest"

RSpec.describe Wasmtime::Plugin::Manifest do
  let(:wat) { '(module (func (export "five") (result i32) i32.const 5))' }

  def load(source, **options)
    Wasmtime::Plugin.load(source, cache_dir: false, **options)
  end

  def manifest(text)
    described_class.load(write("plugin.yml", text))
  end

  def refused(message)
    raise_error(Wasmtime::Plugin::ManifestError, message)
  end

  it "says everything in YAML" do
    digest = Digest::SHA256.hexdigest(wat)
    write("five.wat", wat)
    manifest = manifest(<<~YAML)
      name: fiver
      version: 1.2
      description: "Gives five."
      wasm: five.wat
      sha256: #{digest.upcase}
      permissions: { dirs: { /data: read_write }, env: [SALT], stdio: [stderr] }
      limits: { timeout: 1, memory_size: 65536, fuel: 1000, output: 0 }
      call: { allocate: alloc, free: false }
    YAML
    expect(manifest.to_h).to eq(
      name: "fiver", version: "1.2", description: "Gives five.", wasm: "five.wat", sha256: digest,
      permissions: { dirs: { "/data" => :read_write }, env: ["SALT"], stdio: [:stderr] },
      limits: { timeout: 1, memory_size: 65_536, fuel: 1000, output: 0 }, call: { allocate: "alloc", free: false }
    )
    expect([manifest, *manifest.to_h.values]).to all(be_frozen)
    expect(manifest.inspect).to start_with('#<Wasmtime::Plugin::Manifest {:name=>"fiver", ')
  end

  it "is found beside the code: by its folder, by its own name, and may be given instead" do
    write("five/five.wat", wat)
    yml = write("five/plugin.yml", "wasm: five.wat\nlimits: { timeout: 1 }\n")
    plugins = [File.dirname(yml), yml, Pathname.new(yml)].map { |source| load(source) }
    expect(plugins.map { |plugin| [plugin.name, plugin.limits.timeout, plugin.call(:five)] }).to all(eq(["five", 1, 5]))
    expect(plugins.first.manifest).to be_a(described_class).and(have_attributes(wasm: "five.wat"))
    given = load(File.dirname(yml), manifest: { name: "other", wasm: "five.wat" })
    expect([given.name, given.limits.timeout]).to eq(["other", 5])
    expect(load(File.join(folder, "five/five.wat"), manifest: { wasm: "./five.wat", "limits" => { "fuel" => 7 } }).limits.fuel).to eq(7)
    expect(load(File.join(folder, "five/five.wat"), name: "mine", manifest: described_class.new({ name: "other" })).name).to eq("mine")
  end

  it "lowers limits and never raises them" do
    path = write("five.wat", wat)
    lower = load(path, manifest: { limits: { timeout: 0.5, memory_size: 65_536, fuel: 100, output: 10 } })
    expect(lower.limits.to_h).to eq(timeout: 0.5, memory_size: 65_536, fuel: 100, output: 10)
    higher = load(path, manifest: { limits: { timeout: 3600, memory_size: 4 << 30, fuel: 1 << 60, output: 1 << 40 } }, limits: { fuel: 50 })
    expect(higher.limits.to_h).to eq(timeout: 5, memory_size: 64 << 20, fuel: 50, output: 1 << 20)
  end

  it "pins the code, and so may the host" do
    write("five.wat", wat)
    digest = Digest::SHA256.hexdigest(wat)
    expect(load(write("plugin.yml", "wasm: five.wat\nsha256: #{digest}")).call(:five)).to eq(5)
    yml = write("plugin.yml", "wasm: five.wat\nsha256: #{'1' * 64}")
    expect { load(yml) }.to raise_error(Wasmtime::Plugin::PermissionError, /its SHA-256 is #{digest}, and should be 1{64}\z/)
    expect { load(yml, sha256: digest) }.to raise_error(Wasmtime::Plugin::PermissionError, /should be 1{64}\z/)
  end

  describe "the path of the code" do
    before { write("outside.wat", wat) }

    def refused_path(wasm)
      yml = write("inner/plugin.yml", "wasm: #{wasm}")
      expect { load(yml) }
        .to raise_error(Wasmtime::Plugin::PermissionError, /is outside of .*: the code of a plugin has to be in its folder, symbolic links included/)
    end

    it "may be in a folder within, and be a link to there" do
      write("inner/deep/five.wat", wat)
      File.symlink("deep/five.wat", File.join(folder, "inner/link.wat"))
      %w[deep/five.wat ./deep/../deep/five.wat link.wat].each do |wasm|
        expect(load(write("inner/plugin.yml", "wasm: #{wasm}")).call(:five)).to eq(5)
      end
    end

    it "may not leave the folder upwards, absolutely, or by a name that begins alike" do
      write("inner-secret/five.wat", wat)
      refused_path("../outside.wat")
      refused_path("deep/../../outside.wat") if write("inner/deep/x", "")
      refused_path(File.join(folder, "outside.wat"))
      refused_path("../inner-secret/five.wat")
      refused_path("/etc/passwd")
    end

    it "may not leave the folder through a symbolic link to a file or a folder" do
      write("inner/x", "")
      File.symlink(File.join(folder, "outside.wat"), File.join(folder, "inner/file.wat"))
      File.symlink(folder, File.join(folder, "inner/up"))
      refused_path("file.wat")
      refused_path("up/outside.wat")
    end

    it "may be reached through a folder that is a symbolic link itself" do
      write("real/five.wat", wat)
      write("real/plugin.yml", "wasm: five.wat")
      File.symlink("real", File.join(folder, "linked"))
      expect(load(File.join(folder, "linked"))).to have_attributes(name: "linked")
    end

    it "has to be there" do
      expect { load(write("inner/plugin.yml", "wasm: none.wat")) }.to raise_error(Wasmtime::Plugin::Error, /the code cannot be read: No such file/)
      expect { load(write("inner/plugin.yml", "name: x")) }.to refused(/wasm: is missing: the path of the code, relative to the manifest/)
      expect { load(File.join(folder, "outside.wat"), manifest: { wasm: "../outside.wat" }) }.to raise_error(Wasmtime::Plugin::Error)
      write("other.wat", wat)
      expect { load(File.join(folder, "outside.wat"), manifest: { wasm: "other.wat" }) }.to refused(/is for other.wat, and not for .*outside\.wat/)
      Dir.mkdir(File.join(folder, "inner/folder.wat"))
      expect { load(write("inner/plugin.yml", "wasm: folder.wat")) }.to raise_error(Wasmtime::Error, /is no regular file/)
    end
  end

  {
    "- a" => /plugin\.yml: expected names and values, got \["a"\]/,
    "" => /plugin\.yml: expected names and values, got (nil|false)/,
    "nmae: x" => /plugin\.yml: unknown key "nmae", did you mean "name"\? \(known: name, version, /,
    "grant: { env: { A: b } }" => /unknown key "grant"/,
    "name: 'a b'" => /name: expected letters, digits and _ \. -, got "a b"/,
    "name: ../x" => /name: expected letters/,
    "name: [a]" => /name: expected a text, got \["a"\]/,
    "version: \"1\\e[31m\"" => /version: expected a line of printable text/,
    "wasm: \"a\\0b\"" => /wasm: expected a line of printable text/,
    "sha256: abc" => /sha256: expected 64 hexadecimal digits, got "abc"/,
    "permissions: all" => /permissions: expected names and values, got "all"/,
    "permissions: { network: true }" => /permissions: unknown key "network" \(known: dirs, env, stdio\)/,
    "permissions: { dirs: /etc }" => %r{permissions: dirs: expected a list, got "/etc"},
    "permissions: { dirs: { /x: /etc } }" =>
      %r{permissions: dirs: "/x": expected read_only or read_write, got "/etc": which folder of the host that is, says the host},
    "permissions: { dirs: { /x: [/etc, read_write] } }" =>
      %r{permissions: dirs: "/x": expected read_only or read_write, got \["/etc", "read_write"\]},
    "permissions: { env: { A: b } }" => /permissions: env: expected a list/,
    "permissions: { env: [1] }" => /permissions: env: expected a text, got 1/,
    "permissions: { stdio: stdin }" => /permissions: stdio: expected true, false, or a list of stdout and stderr, got "stdin"/,
    "permissions: { stdio: 5 }" => /permissions: stdio: expected true, false, or a list/,
    "limits: { time: 5 }" => /limits: unknown key "time", did you mean "timeout"\?/,
    "limits: { timeout: ~ }" => /limits: timeout: expected a number, got nil/,
    "limits: { timeout: 5s }" => /limits: timeout: expected a number, got "5s"/,
    "limits: { timeout: -1 }" => /timeout: expected more than 0 seconds, got -1/,
    "limits: { timeout: .nan }" => /timeout: expected more than 0 seconds/,
    "limits: { memory_size: 1.5 }" => /limits: memory_size: expected an Integer, got 1\.5/,
    "call: { alloc: x }" => /call: unknown key "alloc", did you mean "allocate"\?/,
    "call: { free: true }" => /call: free: expected a text, got true/,
    "!ruby/object:Object {}" => /is no YAML that is allowed here: .*Object/,
    "name: !ruby/regexp /x/" => /is no YAML that is allowed here/,
    "name: 2020-01-01" => /is no YAML that is allowed here/,
    "a: &x [1]\nname: *x" => /is no YAML that is allowed here/,
    "name: [" => /is no YAML that is allowed here/,
    "[" * 30_000 => /is no YAML that is allowed here/,
    "description: #{'x' * 70_000}" => /is longer than 65536 bytes, which no manifest is/,
    "description: #{'x' * 5000}" => /description: expected a line of printable text/
  }.each do |text, message|
    it "refuses #{text[0, 60].inspect}" do
      expect { manifest(text) }.to refused(message)
    end
  end

  it "refuses what cannot be read" do
    expect { described_class.load(File.join(folder, "none.yml")) }.to refused(/the manifest .*none\.yml cannot be read: No such file/)
    expect { described_class.load(folder) }.to refused(/is no regular file/)
    File.mkfifo(File.join(folder, "plugin.yml"))
    expect { described_class.load(File.join(folder, "plugin.yml")) }.to refused(/is no regular file/)
    expect { described_class.new(5) }.to refused("the manifest: expected names and values, got 5")
  end

  it "refuses functions that the code does not export" do
    path = write("five.wat", '(module (memory (export "memory") 1) (func (export "five") (param i32 i32) (result i64) i64.const 0))')
    expect { load(path, manifest: { call: { allocate: "five_alloc" } }) }
      .to raise_error(Wasmtime::Plugin::Error, 'allocate: the plugin exports no function "five_alloc" (it has five)')
  end
end
