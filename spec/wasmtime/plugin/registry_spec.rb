# frozen_string_literal: true

require "digest"

RSpec.describe Wasmtime::Plugin::Registry do
  let(:plugin_error) { Wasmtime::Plugin::Error }
  let(:registry) { load_folder }

  before do
    write("plugins/five.wat", giving(5))
    write("plugins/six/six.wasm", Wasmtime.wat2wasm(giving(6)))
    write("plugins/six/plugin.yml", "wasm: six.wasm\nlimits: { timeout: 1 }\n")
  end

  def giving(number)
    "(module (func (export \"get\") (result i32) i32.const #{number}))"
  end

  def load_folder(**options)
    described_class.new(File.join(folder, "plugins"), cache_dir: false, **options)
  end

  # Files get a time of their own, however fast the specs are.
  def change(name, content)
    @time = (@time || Time.now) + 10
    write("plugins/#{name}", content).tap { |path| File.utime(@time, @time, path) }
  end

  def broken
    change("five.wat", "(module (bad))")
  end

  it "has the plugins of a folder by name: files, and folders with a manifest" do
    expect(registry.names).to eq(%w[five six])
    plugins = [registry["five"], registry[:six]]
    expect(plugins.map { |plugin| [plugin.name, plugin.call(:get), plugin.limits.timeout] }).to eq([["five", 5, 5], ["six", 6, 1]])
    expect([registry.key?(:five), registry.key?("six"), registry.key?("seven"), registry.size]).to eq([true, true, false, 2])
    expect(registry[:five]).to equal(registry["five"])
    expect(registry.inspect).to eq("#<Wasmtime::Plugin::Registry #{folder}/plugins: five, six>")
    expect(registry.folder).to eq("#{folder}/plugins")
  end

  it "is enumerable" do
    expect(registry.map(&:name)).to eq(%w[five six])
    expect(registry.each).to be_a(Enumerator).and(have_attributes(size: 2))
    expect(registry.each(&:name)).to equal(registry)
    expect(registry.sum { |plugin| plugin.call(:get) }).to eq(11)
  end

  it "has components, too" do
    write("plugins/comp.wat", Plugins::COMPONENT)
    expect(load_folder(imports: { "note" => ->(n) { n } })[:comp].call(:add, 1, 2)).to eq(3)
  end

  it "leaves alone what is no plugin" do
    [".hidden.wat", "README.md", "nothing/readme", "a b.wat", "-x.wat", "wasm"].each { |name| write("plugins/#{name}", "x") }
    Dir.mkdir(File.join(folder, "plugins/folder.wasm"))
    File.mkfifo(File.join(folder, "plugins/pipe.wasm"))
    expect(registry.names).to eq(%w[five six])
    expect(described_class.new(File.dirname(write("none/x", ""))).to_a).to eq([])
  end

  it "calls plugins by the name of their folder, whatever they say" do
    write("plugins/six/plugin.yml", "name: five\nwasm: six.wasm")
    expect(registry[:six]).to have_attributes(name: "six")
  end

  it "teaches about names that do not exist" do
    error = raised { registry[:fiv] }
    expect(error).to be_an_instance_of(Wasmtime::Plugin::NotFound)
      .and(have_attributes(message: "there is no plugin \"fiv\" in #{folder}/plugins, did you mean \"five\"? (it has five, six)", key: "fiv"))
    empty = described_class.new(File.dirname(write("none/x", "")))
    expect { empty["a"] }.to raise_error(Wasmtime::Plugin::NotFound, %r{"a" in .*/none \(it has none\)})
    expect { registry[5] }.to raise_error(TypeError, "no implicit conversion of Integer into String")
  end

  it "loads a plugin once, when it is first asked for" do
    events = []
    subscription = Wasmtime.subscribe("compile.wasmtime") { |_name, event| events << event[:plugin] }
    registry
    expect(events).to eq([])
    plugins = Array.new(8) { Thread.new { registry[:five] } }.map(&:value)
    expect([plugins.uniq.size, events]).to eq([1, ["five"]])
    registry.load_all
    expect(events).to eq(%w[five six])
  ensure
    Wasmtime.unsubscribe(subscription)
  end

  it "gives plugins what their manifests request of what is granted, and those without a manifest nothing" do
    counting = <<~WAT
      (module (import "wasi_snapshot_preview1" "environ_sizes_get" (func $sizes (param i32 i32) (result i32))) (memory (export "memory") 1)
        (func (export "get") (result i32) (drop (call $sizes (i32.const 0) (i32.const 4))) (i32.load (i32.const 0))))
    WAT
    write("plugins/five.wat", counting)
    write("plugins/six/six.wasm", Wasmtime.wat2wasm(counting))
    write("plugins/six/plugin.yml", "wasm: six.wasm\npermissions: { env: [A, HOME] }")
    registry = load_folder(grant: { env: { "A" => "1", "B" => "2" } })
    expect(registry.map { |plugin| [plugin.name, plugin.call(:get), plugin.permissions.denied] }).to eq([["five", 0, []], ["six", 1, ["env HOME"]]])
  end

  it "gives options on to all plugins" do
    registry = load_folder(limits: { timeout: 0.5 }, reuse: 1, checkout_timeout: 1)
    expect(registry.map { |plugin| plugin.limits.timeout }).to eq([0.5, 0.5])
  end

  it "does not follow a link of a file out of its folder" do
    write("outside.wat", giving(1))
    File.symlink(File.join(folder, "outside.wat"), File.join(folder, "plugins/link.wat"))
    expect { registry[:link] }.to raise_error(Wasmtime::Plugin::PermissionError, /is outside of/)
    write("plugins/six/plugin.yml", "wasm: ../five.wat")
    expect { registry[:six] }.to raise_error(Wasmtime::Plugin::PermissionError, /is outside of/)
  end

  it "says which plugins are broken, and why" do
    broken
    write("plugins/six/plugin.yml", "wasm: six.wasm\ncolour: red")
    error = raised { registry[:five] }
    expect([error.class, error.cause.class]).to eq([plugin_error, Wasmtime::CompileError])
    expect(error.message).to match(/\Aplugin five: .*expected valid module field/)
    expect(raised { registry[:six] }).to be_an_instance_of(Wasmtime::Plugin::ManifestError)
    expect { registry.load_all }.to raise_error(plugin_error, /\A2 plugins cannot be loaded:\nplugin five: .*^#{folder}.*unknown key "colour"/m)
    write("plugins/six/plugin.yml", "wasm: six.wasm")
    expect { registry.load_all }.to raise_error(plugin_error, /\Aplugin five: /)
    write("plugins/five.wat", giving(5))
    expect(registry.load_all).to equal(registry)
  end

  it "refuses two plugins of one name" do
    write("plugins/five.wasm", "")
    expect { registry }.to raise_error(plugin_error, %r{/plugins/five.wa(t|sm) and .*/plugins/five.wa(t|sm) have one name: rename one of them})
  end

  it "refuses what it cannot use at once" do
    expect { described_class.new(File.join(folder, "none")) }.to raise_error(plugin_error, /\Athe folder of plugins cannot be read: No such file/)
    expect { described_class.new(write("file", "")) }.to raise_error(plugin_error, /Not a directory/)
    expect { described_class.new(5) }.to raise_error(TypeError)
    expect { load_folder(grant: { envy: {} }) }.to raise_error(ArgumentError, /grant: unknown permission :envy, did you mean :env/)
    expect { load_folder(limits: { time: 1 }) }.to raise_error(ArgumentError, /limits: unknown limit :time/)
    expect { load_folder(sha256: "x") }.to raise_error(ArgumentError, "unknown keyword: :sha256")
    expect { load_folder(logger: 5) }.to raise_error(TypeError, /logger: expected a Logger/)
  end

  describe "#reload" do
    it "says what was added, changed and removed, and changes nothing else" do
      registry.load_all
      expect(registry.reload).to eq({})
      six = registry[:six]
      five = registry[:five]
      change("five.wat", giving(55))
      change("seven.wat", giving(7))
      expect(registry.reload).to eq("five" => :changed, "seven" => :added).and(be_frozen)
      expect(registry.to_h { |plugin| [plugin.name, plugin.call(:get)] }).to eq("five" => 55, "seven" => 7, "six" => 6)
      expect([registry[:six].equal?(six), five.call(:get), five.closed?]).to eq([true, 5, false])
      File.delete(File.join(folder, "plugins/seven.wat"))
      expect([registry.reload, registry.key?(:seven), registry.reload]).to eq([{ "seven" => :removed }, false, {}])
    end

    it "notices what is new of a manifest and its code" do
      registry.load_all
      change("six/plugin.yml", "wasm: six.wasm\nlimits: { timeout: 2 }")
      expect([registry.reload, registry[:six].limits.timeout]).to eq([{ "six" => :changed }, 2])
      change("six/six.wasm", Wasmtime.wat2wasm(giving(66)))
      expect([registry.reload, registry[:six].call(:get)]).to eq([{ "six" => :changed }, 66])
      change("six/other.wat", giving(67))
      expect(registry.reload).to eq({})
      change("six/plugin.yml", "wasm: other.wat")
      expect([registry.reload, registry[:six].call(:get)]).to eq([{ "six" => :changed }, 67])
    end

    it "keeps the plugin when the new file is broken, and reports it, until it is mended" do
      logger, entries = log_of
      registry = load_folder(logger: logger)
      five = registry[:five]
      broken
      reports = registry.reload
      expect(reports.transform_values(&:class)).to eq("five" => plugin_error)
      expect(entries).to match([[:error, /\A\[plugins\] could not be reloaded, and stays as it was: plugin five: /]])
      expect([registry[:five].equal?(five), five.call(:get), registry.reload, entries.size]).to eq([true, 5, {}, 1])
      change("five.wat", giving(50))
      expect([registry.reload, registry[:five].call(:get)]).to eq([{ "five" => :changed }, 50])
    end

    it "keeps a plugin whose new manifest is broken or whose code is gone" do
      registry.load_all
      change("six/plugin.yml", "wasm: [")
      expect([registry.reload["six"].class, registry[:six].call(:get)]).to eq([Wasmtime::Plugin::ManifestError, 6])
      change("six/plugin.yml", "wasm: none.wasm")
      expect([registry.reload["six"].class, registry[:six].call(:get)]).to eq([plugin_error, 6])
    end

    it "reports what is added and broken" do
      registry.load_all
      change("seven.wat", "(module (bad))")
      expect([registry.reload["seven"].class, raised { registry[:seven] }.class, registry.reload]).to eq([plugin_error, plugin_error, {}])
    end

    it "leaves what nobody has asked for yet to the first who does" do
      broken
      expect([registry.reload, registry[:six].call(:get)]).to eq([{}, 6])
      change("five.wat", giving(50))
      expect([registry.reload, registry[:five].call(:get)]).to eq([{ "five" => :changed }, 50])
    end

    it "keeps everything when the folder cannot be read, or has a name twice" do
      registry.load_all
      change("five.wasm", "")
      expect { registry.reload }.to raise_error(plugin_error, /have one name/)
      File.rename(File.join(folder, "plugins"), File.join(folder, "gone"))
      expect { registry.reload }.to raise_error(plugin_error, /cannot be read/)
      expect(registry[:five].call(:get)).to eq(5)
    end

    it "lets running calls end on what they began with" do
      arrived = Queue.new
      go = Queue.new
      write("plugins/five.wat", Plugins::MODULE)
      [{}, { reuse: 1 }].each do |options|
        registry = load_folder(imports: { "host" => { note: ->(n) { arrived.push(n) && go.pop } } }, **options)
        plugin = registry[:five]
        thread = Thread.new { plugin.call(:ask, 1) }
        arrived.pop
        change("five.wat", giving(50))
        registry.reload
        expect(registry[:five].call(:get)).to eq(50)
        go.push(7)
        expect([thread.value, plugin.call(:add, 1, 2)]).to eq([7, 3])
        change("five.wat", Plugins::MODULE)
      end
    end

    it "is atomic for threads that call meanwhile" do
      registry.load_all
      stop = false
      callers = Array.new(3) { Thread.new { Array.new(1) { nil } && [].tap { |seen| seen << registry[:five].call(:get) until stop } } }
      20.times do |n|
        change("five.wat", n.odd? ? "(module (bad))" : giving(100 + n))
        registry.reload
      end
      stop = true
      expect(callers.flat_map(&:value).uniq - [5, *(100..119)]).to eq([])
      expect(registry[:five].call(:get)).to eq(118)
    end
  end

  describe "#close" do
    it "closes all plugins, and refuses everything from then on" do
      five = registry[:five]
      expect([registry.closed?, registry.close, registry.closed?, registry.close, five.closed?]).to eq([false, true, true, false, true])
      %i[names size reload load_all to_a].each do |method|
        expect { registry.public_send(method) }.to raise_error(Wasmtime::Plugin::ClosedError, "the registry of #{folder}/plugins was closed")
      end
      expect { registry[:five] }.to raise_error(Wasmtime::Plugin::ClosedError)
      expect { registry.key?(:five) }.to raise_error(Wasmtime::Plugin::ClosedError)
      expect(registry.inspect).to eq("#<Wasmtime::Plugin::Registry #{folder}/plugins (closed)>")
    end
  end

  it "may be used in forked processes, loaded before or after" do
    expect(output_of(<<~RUBY, timeout: 60)).to eq("true true true\n5")
      registry = Wasmtime::Plugin::Registry.new("#{folder}/plugins", cache_dir: false, reuse: 1)
      registry[:five].call(:get)
      compiling = Thread.new { loop { registry.reload; Wasmtime::Plugin::Registry.new("#{folder}/plugins", cache_dir: false).load_all } }
      statuses = Array.new(3) do
        pid = fork do
          ok = [registry[:five].call(:get), registry[:six].call(:get), registry.reload] == [5, 6, {}]
          exit!(ok && registry.close)
        end
        Process.wait2(pid).last.success?
      end
      compiling.kill.join
      puts statuses.join(" ")
      puts registry[:five].call(:get)
    RUBY
  end
end
