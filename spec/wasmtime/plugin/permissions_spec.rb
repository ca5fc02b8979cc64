# frozen_string_literal: true

RSpec.describe Wasmtime::Plugin::Permissions do
  # Counts variables and directories, tries to make a directory in the first of them, and writes to both streams.
  wasi = <<~WAT
    (module
      (import "wasi_snapshot_preview1" "environ_sizes_get" (func $sizes (param i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "environ_get" (func $environ (param i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "fd_prestat_get" (func $prestat (param i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "path_create_directory" (func $mkdir (param i32 i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
      (memory (export "memory") 1)
      (data (i32.const 100) "made") (data (i32.const 200) "out\\0a") (data (i32.const 300) "err\\0a")
      (func (export "variables") (result i32) (drop (call $sizes (i32.const 0) (i32.const 4))) (i32.load (i32.const 0)))
      (func (export "directories") (result i32) (local $fd i32)
        (local.set $fd (i32.const 3))
        (loop $more (if (i32.eqz (call $prestat (local.get $fd) (i32.const 0)))
          (then (local.set $fd (i32.add (local.get $fd) (i32.const 1))) (br $more))))
        (i32.sub (local.get $fd) (i32.const 3)))
      (func (export "allocate") (param i32) (result i32) (i32.const 4096))
      (func (export "environment") (param i32 i32) (result i32 i32)
        (drop (call $sizes (i32.const 0) (i32.const 4)))
        (drop (call $environ (i32.const 1024) (i32.const 2048)))
        (i32.const 2048) (i32.load (i32.const 4)))
      (func (export "mkdir") (result i32) (call $mkdir (i32.const 3) (i32.const 100) (i32.const 4)))
      (func $print (param $fd i32) (param $at i32)
        (i32.store (i32.const 0) (local.get $at)) (i32.store (i32.const 4) (i32.const 4))
        (drop (call $write (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 8))))
      (func (export "print") (call $print (i32.const 1) (i32.const 200)) (call $print (i32.const 2) (i32.const 300)))
      (func (export "read") (result i32)
        (i32.store (i32.const 0) (i32.const 400)) (i32.store (i32.const 4) (i32.const 10))
        (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
        (i32.load (i32.const 8))))
  WAT

  let(:host) { File.dirname(write("host/file.txt", "text")) }
  let(:other) { File.dirname(write("other/file.txt", "text")) }
  let(:env) { { "SALT" => "s", "SECRET" => "x" } }

  def plugin(wat, request: nil, **options)
    load_text(wat, manifest: request && { permissions: request }, **options)
  end

  it "are none at first: no variables, no directories, no input, and output that goes nowhere" do
    logger, entries = log_of
    [{}, { reuse: 1 }].each do |options|
      plugin = plugin(wasi, logger: logger, **options)
      expect(%i[variables directories read].map { |name| plugin.call(name) }).to eq([0, 0, 0])
      plugin.call(:print)
    end
    expect(entries).to eq([])
  end

  it "are what is granted where there is no manifest" do
    logger, entries = log_of
    plugin = plugin(wasi, logger: logger, grant: { env: env, dirs: { "/a" => host, "/b" => [other, :read_write] }, stdio: true })
    expect(%i[variables directories].map { |name| plugin.call(name) }).to eq([2, 2])
    expect(plugin.call_bytes(:environment, "").split("\0")).to contain_exactly("SALT=s", "SECRET=x")
    plugin.call(:print)
    expect(entries).to eq([[:info, "[plugin] out"], [:error, "[plugin] err"]])
  end

  it "are what is requested of that, and nothing else" do
    logger, entries = log_of
    request = { env: %w[SALT HOME], dirs: { "/a" => "read_only", "/etc" => "read_only" }, stdio: ["stderr"] }
    plugin = plugin(wasi, request: request, logger: logger, grant: { env: env, dirs: { "/a" => host, "/b" => other }, stdio: true })
    expect(plugin.permissions).to have_attributes(env: { "SALT" => "s" }, dirs: { "/a" => [host, :read_only] }, stdio: [:stderr],
                                                  denied: ["dirs /etc (read_only)", "env HOME"])
    expect(%i[variables directories].map { |name| plugin.call(name) }).to eq([1, 1])
    plugin.call(:print)
    expect(entries).to eq([[:error, "[plugin] err"]])
  end

  it "are none where nothing is granted, whatever is requested" do
    request = { env: ["HOME"], dirs: ["/"], stdio: true }
    plugin = plugin(wasi, request: request)
    expect(%i[variables directories].map { |name| plugin.call(name) }).to eq([0, 0])
    expect(plugin.permissions.denied).to eq(["dirs / (read_only)", "env HOME", "stdio stdout", "stdio stderr"])
  end

  it "are none where nothing is requested, whatever is granted" do
    plugin = plugin(wasi, request: {}, grant: { env: env, dirs: { "/a" => host }, stdio: true })
    expect(%i[variables directories].map { |name| plugin.call(name) }).to eq([0, 0])
    expect(plugin.permissions).to have_attributes(env: {}, dirs: {}, stdio: [], denied: [])
  end

  it "let write only where both sides say so" do
    { ["read_only", :read_only] => false, ["read_only", :read_write] => false, ["read_write", :read_only] => false,
      ["read_write", :read_write] => true }.each do |(requested, granted), writes|
      plugin = plugin(wasi, request: { dirs: { "/a" => requested } }, grant: { dirs: { "/a" => [host, granted] } })
      expect(plugin.call(:mkdir).zero?).to be(writes), [requested, granted].inspect
      expect(plugin.permissions.denied).to eq(requested == "read_write" && granted == :read_only ? ["dirs /a (read_write)"] : [])
      expect(Dir.exist?(File.join(host, "made"))).to be(writes)
    end
  end

  it "are read-only where a list of directories is requested" do
    plugin = plugin(wasi, request: { dirs: ["/a"] }, grant: { dirs: { "/a" => [host, :read_write] } })
    expect(plugin.permissions.dirs).to eq("/a" => [host, :read_only])
    expect(plugin.call(:mkdir)).not_to eq(0)
  end

  it "hold for components" do
    component = <<~WAT
      (component
        (import "wasi:cli/environment@0.2.0" (instance $env (export "get-environment" (func (result (list (tuple string string)))))))
        (core module $libc (memory (export "memory") 1) (global $at (mut i32) (i32.const 1024))
          (func (export "realloc") (param i32 i32 i32 i32) (result i32)
            (global.set $at (i32.and (i32.add (global.get $at) (i32.const 7)) (i32.const -8)))
            (global.get $at) (global.set $at (i32.add (global.get $at) (local.get 3)))))
        (core instance $libc (instantiate $libc))
        (core func $get (canon lower (func $env "get-environment") (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
        (core module $m (import "" "get" (func $get (param i32))) (import "" "memory" (memory 1))
          (func (export "variables") (result i32) (call $get (i32.const 16)) (i32.load (i32.const 20))))
        (core instance $i (instantiate $m (with "" (instance (export "get" (func $get)) (export "memory" (memory $libc "memory"))))))
        (func (export "variables") (result u32) (canon lift (core func $i "variables"))))
    WAT
    counts = [{}, { grant: { env: env } }, { request: { env: ["SALT"] }, grant: { env: env } }, { request: {}, grant: { env: env } }].map do |options|
      plugin(component, **options).call(:variables)
    end
    expect(counts).to eq([0, 2, 1, 0])
  end

  it "are frozen, and shown without what is secret" do
    permissions = described_class.of(env: env, dirs: { "/a" => host }, stdio: "stderr")
    expect([permissions, permissions.env, permissions.dirs, permissions.stdio, permissions.denied]).to all(be_frozen)
    expect(permissions.inspect).to eq('#<Wasmtime::Plugin::Permissions dirs: {"/a"=>:read_only}, env: ["SALT", "SECRET"], stdio: [:stderr]>')
  end

  it "are of folders as they are named when the plugin is loaded" do
    host
    permissions = Dir.chdir(folder) { described_class.of(dirs: { "/a" => "host", "/b" => Pathname.new("host") }) }
    expect(permissions.dirs).to eq("/a" => [host, :read_only], "/b" => [host, :read_only])
  end

  it "take all of ENV only when it is given" do
    expect(described_class.of(env: ENV).env).to eq(ENV.to_h)
  end

  {
    { dir: {} } => "grant: unknown permission :dir, did you mean :dirs? (known: dirs, env, stdio)",
    { network: true } => "grant: unknown permission :network (known: dirs, env, stdio)",
    { dirs: { "/a" => "/no/such/folder" } } => "grant: dirs: /a: there is no folder /no/such/folder",
    { dirs: { "/a" => ["/", :write] } } => "grant: dirs: /a: expected :read_only or :read_write, got :write",
    { dirs: { "/a" => ["/", :read_only, 1] } } => 'grant: dirs: /a: expected a folder, or a folder and :read_write, got ["/", :read_only, 1]',
    { dirs: { "/a" => nil } } => "grant: dirs: /a: expected a folder, or a folder and :read_write, got nil",
    { stdio: :stdin } => "grant: stdio: expected true, false, or a list of stdout and stderr, got :stdin"
  }.each do |given, message|
    it "cannot be #{given}" do
      expect { described_class.of(given) }.to raise_error(ArgumentError, message)
    end
  end

  {
    5 => "grant: expected a Hash, got Integer", { dirs: ["/a"] } => "grant: dirs: expected a Hash, got Array",
    { env: ["A"] } => "grant: env: expected a Hash, got Array", { env: { "A" => 1 } } => "grant: env: A: expected a String, got 1"
  }.each do |given, message|
    it "cannot be #{given}, which is of another kind" do
      expect { described_class.of(given) }.to raise_error(TypeError, message)
    end
  end
end
