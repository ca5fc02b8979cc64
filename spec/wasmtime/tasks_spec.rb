# frozen_string_literal: true

require "tmpdir"

RSpec.describe "rake wasmtime:precompile" do
  let(:folder) { File.realpath(Dir.mktmpdir) }
  let(:cache_dir) { File.join(folder, "cache") }

  before do
    File.write(File.join(folder, "a.wat"), "(module)")
    File.write(File.join(folder, "b.wat"), "(component)")
    File.write(File.join(folder, "broken.wasm"), "(modul)")
    File.write(File.join(folder, "Rakefile"), 'require "wasmtime/tasks"')
  end

  after { FileUtils.rm_rf(folder) }

  def rake(task, env = { "CACHE_DIR" => cache_dir })
    Open3.capture2e(env, RbConfig.ruby, "-W0", "-I", Subprocess::LIB, "-S", "rake", "--quiet", task, chdir: folder)
  end

  it "compiles the files that are not in the folder yet" do
    out, status = rake("wasmtime:precompile[*.wat]")
    expect([out.lines.sort, status.success?]).to eq([["a.wat: compiled\n", "b.wat: compiled\n"], true])
    expect(Dir.children(cache_dir).size).to eq(2)
    expect(rake("wasmtime:precompile[a.wat,b.wat]").first).to eq("a.wat: was compiled\nb.wat: was compiled\n")
    expect(Wasmtime.load(File.join(folder, "a.wat"), cache_dir: cache_dir)).to be_a(Wasmtime::Module)
    expect(Dir.children(cache_dir).size).to eq(2)
  end

  it "is listed" do
    expect(rake("-T").first).to match(/^rake wasmtime:precompile\[files\]  # Compile WebAssembly files/)
  end

  it "says what is wrong" do
    {
      "wasmtime:precompile" => /\Awasmtime:precompile: name the files, as in rake 'wasmtime:precompile\[a\.wasm,plugins/,
      "wasmtime:precompile[none.wasm]" => /\Awasmtime:precompile: no file matches none\.wasm$/,
      "wasmtime:precompile[broken.wasm]" => /\Awasmtime:precompile: .*modul/m
    }.each do |task, message|
      out, status = rake(task)
      expect(out).to match(message)
      expect(status.exitstatus).to eq(1)
    end
    out, status = rake("wasmtime:precompile[a.wat]", { "CACHE_DIR" => File.join(folder, "a.wat/cache") })
    expect(out).to eq("wasmtime:precompile: #{folder}/a.wat/cache cannot be written: make it writable, or set Wasmtime.cache_dir to another folder\n")
    expect(status.exitstatus).to eq(1)
  end
end
