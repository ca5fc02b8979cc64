# frozen_string_literal: true

require "tmpdir"

RSpec.describe "Wasmtime.load" do
  let(:folder) { File.realpath(Dir.mktmpdir) }
  let(:cache_dir) { File.join(folder, "cache") }
  let(:module_wat) { '(module (func (export "five") (result i32) i32.const 5))' }
  let(:core) { write("core.wasm", Wasmtime.wat2wasm(module_wat)) }
  let(:component) { write("component.wasm", Wasmtime.wat2wasm('(component (core module $m) (export "m" (core module $m)))')) }

  after { FileUtils.rm_rf(folder) }

  def write(name, bytes)
    File.join(folder, name).tap { |path| File.binwrite(path, bytes) }
  end

  def load(path, **options)
    Wasmtime.load(path, cache_dir: cache_dir, **options)
  end

  def compiled = Dir.glob("*.cwasm", base: cache_dir).size

  def error_with(message, kind = Wasmtime::Error)
    raise_error(an_instance_of(kind).and(have_attributes(message: message)))
  end

  it "gives a module or a component, whatever the file is" do
    expect([load(core), load(component)].map(&:class)).to eq([Wasmtime::Module, Wasmtime::Component::Component])
    texts = [write("core.wat", module_wat), write("component.wat", "(component)")]
    expect(texts.map { |path| load(path).class }).to eq([Wasmtime::Module, Wasmtime::Component::Component])
    expect(load(core).exports.map(&:name)).to eq(["five"])
    expect(load(component).exports.keys).to eq(["m"])
  end

  it "refuses what only begins like a binary" do
    ["\0asm", "\0asm\1\0\0", "\0asm\1\0\0\0\0"].each_with_index do |bytes, index|
      expect { load(write("short#{index}.wasm", bytes)) }.to raise_error(Wasmtime::CompileError)
    end
  end

  it "takes a Pathname, and paths from the current folder" do
    expect(load(Pathname.new(core))).to equal(load(core))
    core
    expect(Dir.chdir(folder) { load("core.wasm") }).to equal(load(core))
  end

  it "gives the same object from memory, for an engine each" do
    other = Wasmtime::Engine.new
    mod = load(core)
    expect(load(core)).to equal(mod)
    expect(load(core, engine: other)).not_to equal(mod)
    expect(Wasmtime::Instance.new(Wasmtime::Store.new(other), load(core, engine: other)).invoke("five")).to eq(5)
    expect(Wasmtime::Module.load(core, cache_dir: cache_dir)).to equal(mod)
  end

  it "looks again when the file has changed" do
    mod = load(core)
    File.binwrite(core, Wasmtime.wat2wasm("(module)"))
    expect(load(core).exports).to eq([])
    FileUtils.mv(write("new", Wasmtime.wat2wasm(module_wat)), core)
    expect(load(core)).to be_a(Wasmtime::Module).and(have_attributes(exports: have_attributes(size: 1)))
    expect(mod.exports.size).to eq(1)
  end

  it "keeps compiled code by what is in the file, not by its name" do
    load(core)
    load(write("copy.wasm", File.binread(core)))
    expect(compiled).to eq(1)
    load(core, engine: Wasmtime::Engine.new(consume_fuel: true))
    expect(compiled).to eq(2)
  end

  it "keeps no compiled code when cache_dir is false" do
    usual = Wasmtime.cache_dir
    Wasmtime.cache_dir = cache_dir
    expect(Wasmtime.load(core, cache_dir: false)).to be_a(Wasmtime::Module)
    expect(File.exist?(cache_dir)).to be(false)
    Wasmtime.cache_dir = false
    Wasmtime.load(component)
    expect([Wasmtime.cache_dir, File.exist?(cache_dir)]).to eq([false, false])
  ensure
    Wasmtime.cache_dir = nil
    expect(Wasmtime.cache_dir).to eq(usual)
  end

  it "refuses the other kind, before it compiles it" do
    expect { Wasmtime::Component::Component.load(core, cache_dir: cache_dir) }.to error_with(
      "#{core} is a core module: load it with Wasmtime::Module.load, or whatever it is with Wasmtime.load; " \
      "Wasmtime::Component::Component.load refuses it"
    )
    refused = "#{component} is a component: load it with Wasmtime::Component::Component.load, or whatever it is with Wasmtime.load; " \
              "Wasmtime::Module.load refuses it"
    expect { Wasmtime::Module.load(component, cache_dir: cache_dir) }.to error_with(refused)
    expect(compiled).to eq(0)
    load(component)
    expect { Wasmtime::Module.load(component, cache_dir: cache_dir) }.to error_with(refused)
    expect(Wasmtime::Component::Component.load(component, cache_dir: cache_dir)).to equal(load(component))
  end

  it "says what is wrong with a file, and looks again next time" do
    missing = File.join(folder, "missing.wasm")
    expect { load(missing) }.to raise_error(Wasmtime::Error, /\Afailed to read input file: #{missing}: No such file/)
    expect { load(folder) }.to error_with("failed to open file: #{folder} is no regular file")
    expect { load(write("empty.wasm", "")) }.to error_with("failed to load file: #{folder}/empty.wasm is empty")
    expect { load(write("text.wat", "(module (nonsense))")) }.to raise_error(Wasmtime::CompileError, /nonsense|unknown|unexpected/)
    invalid = write("invalid.wasm", "#{Wasmtime.wat2wasm('(module)')}\x01")
    2.times { expect { load(invalid) }.to raise_error(Wasmtime::CompileError, /offset|unexpected/) }
    File.binwrite(invalid, Wasmtime.wat2wasm(module_wat))
    expect(load(invalid).exports.size).to eq(1)
  end

  it "refuses arguments of other types" do
    expect { load(5) }.to error_with("no implicit conversion of Integer into String", TypeError)
    expect { load("a\0b") }.to error_with("path contains null byte", ArgumentError)
    expect { load(core, engine: nil) }.to error_with("engine: expected a Wasmtime::Engine, got nil", TypeError)
    expect { Wasmtime.load(core, cache_dir: 5) }.to error_with("no implicit conversion of Integer into String", TypeError)
    expect { Wasmtime.load(core, cache_dir: "") }.to error_with("cache_dir: the path is empty", ArgumentError)
    expect { Wasmtime.cache_dir = 5 }.to error_with("no implicit conversion of Integer into String", TypeError)
    expect { Wasmtime.cache_dir = "" }.to error_with("cache_dir: the path is empty", ArgumentError)
  end

  it "refuses a folder that others may write, because loading runs native code" do
    Dir.mkdir(cache_dir)
    File.chmod(0o777, cache_dir)
    refused = /\Arefused to load compiled code from the cache: #{cache_dir}: others may write it \(its mode is 0777\)/
    expect { load(core) }.to raise_error(Wasmtime::CacheError, refused)
    File.chmod(0o700, cache_dir)
    expect(load(core)).to be_a(Wasmtime::Module)
  end

  it "gives threads that ask at once the same object" do
    threads = Array.new(8) { Thread.new { load(core) } }
    expect(threads.map(&:value).uniq(&:object_id).size).to eq(1)
    expect(compiled).to eq(1)
  end

  it "compiles in other Ractors before the main one has loaded something" do
    out = output_of(<<~RUBY)
      Wasmtime.cache_dir = #{cache_dir.dump}
      p Ractor.new { Wasmtime.load(#{core.dump}) }.take.class, File.exist?(#{cache_dir.dump})
    RUBY
    expect(out.lines.map(&:chomp)).to eq(["Wasmtime::Module", "false"])
  end

  it "loads from the folder in other Ractors, which have no memory of their own" do
    out = output_of(<<~RUBY)
      Wasmtime.cache_dir = #{cache_dir.dump}
      Wasmtime.load(#{component.dump})
      loaded = Array.new(2) { Ractor.new { Wasmtime.load(#{core.dump}) } }.map(&:take)
      p loaded.map(&:class), loaded.uniq(&:object_id).size, Dir.children(#{cache_dir.dump}).size
    RUBY
    expect(out.lines.map(&:chomp)).to eq(["[Wasmtime::Module, Wasmtime::Module]", "2", "2"])
  end

  it "loads in a child of a process whose other thread was loading" do
    out = output_of(<<~RUBY)
      Wasmtime.cache_dir = #{cache_dir.dump}
      core, component = #{[core, component].inspect}
      Wasmtime.load(core)
      at_work = Thread.new { Wasmtime::Module.define_singleton_method(:new) { |*| sleep }; Wasmtime::Module.load(#{write('other.wasm', Wasmtime.wat2wasm('(module)')).dump}) }
      Thread.pass until at_work.status == "sleep"
      Wasmtime::Module.singleton_class.remove_method(:new)
      Wasmtime::Module.singleton_class.class_eval { def new(engine, bytes) = _new(engine, bytes) }
      pid = fork do
        all = [core, component, #{File.join(folder, 'other.wasm').dump}].map { |path| Wasmtime.load(path) }
        puts Wasmtime::Instance.new(Wasmtime::Store.new, all.first).invoke("five"), all.size
      end
      puts Process.wait2(pid).last.success?
      at_work.kill
    RUBY
    expect(out.lines.map(&:chomp)).to eq(%w[5 3 true])
  end

  it "is right in many processes that start at once, and damage while they load" do
    out, err = run_ruby(<<~RUBY, timeout: 60)
      Wasmtime.cache_dir = #{cache_dir.dump}
      paths = Array.new(5) do |n|
        path = File.join(#{folder.dump}, "m\#{n}.wasm")
        File.binwrite(path, Wasmtime.wat2wasm("(module (func (export \\"n\\") (result i32) i32.const \#{n}))"))
        path
      end
      pids = Array.new(12) do |child|
        fork do
          paths.rotate(child).each do |path|
            3.times do
              raise "wrong" unless Wasmtime::Instance.new(Wasmtime::Store.new, Wasmtime.load(path)).invoke("n") == path[/m(\\d)\\.wasm/, 1].to_i
              Wasmtime.const_get(:Cache)::MEMORY.clear
              code = Dir.glob(File.join(#{cache_dir.dump}, "*.cwasm"))
              next unless child.zero? && code.any?
              broken = File.join(#{folder.dump}, "broken")
              File.binwrite(broken, "damage", perm: 0o600)
              begin File.rename(broken, code.sample); rescue SystemCallError; end
            end
          end
        end
      end
      puts pids.map { |pid| Process.wait2(pid).last.success? }.tally
      paths.each { |path| Wasmtime.load(path) }
      puts Dir.children(#{cache_dir.dump}).grep_v(/cwasm\\z/).size
    RUBY
    expect([err, *out.lines.map(&:chomp)]).to eq(["", "{true=>12}", "0"])
  end

  it "gives up at a Timeout, and compiles when asked again" do
    allow(Wasmtime::Module).to(receive(:new)) { sleep }
    expect { Timeout.timeout(0.05) { load(core) } }.to raise_error(Timeout::Error)
    allow(Wasmtime::Module).to receive(:new).and_call_original
    expect(load(core).exports.size).to eq(1)
  end

  describe "the usual folder" do
    it "is below XDG_CACHE_HOME, else in the user's folder, else there is none" do
      code = "p Wasmtime.cache_dir"
      expect(output_of(code, env: { "XDG_CACHE_HOME" => "/a/b", "HOME" => "/home/me" })).to eq('"/a/b/wasmtime-rb"')
      expect(output_of(code, env: { "XDG_CACHE_HOME" => "relative", "HOME" => "/home/me" })).to eq('"/home/me/.cache/wasmtime-rb"')
      expect(output_of(code, env: { "XDG_CACHE_HOME" => nil, "HOME" => "/home/me" })).to eq('"/home/me/.cache/wasmtime-rb"')
      loading = "#{code}; p Wasmtime.load(#{core.dump}).class"
      expect(output_of(loading, env: { "XDG_CACHE_HOME" => nil, "HOME" => "relative" })).to eq("false\nWasmtime::Module")
    end

    it "is the cache folder of a Rails application" do
      stub_const("Rails", Module.new { define_singleton_method(:root) { Pathname.new("/srv/app") } })
      expect(Wasmtime.cache_dir).to eq("/srv/app/tmp/cache/wasmtime")
      stub_const("Rails", Module.new { define_singleton_method(:root) { nil } })
      expect(Wasmtime.cache_dir).to end_with("/wasmtime-rb")
    end

    it "is what it was set to, as an absolute path" do
      Wasmtime.cache_dir = Pathname.new("tmp/cache")
      expect(Wasmtime.cache_dir).to eq(File.expand_path("tmp/cache"))
    ensure
      Wasmtime.cache_dir = nil
    end
  end
end
