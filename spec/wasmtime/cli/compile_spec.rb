# frozen_string_literal: true

require "spec_helper"

RSpec.describe "wasmtime-rb compile" do
  let(:engine) { Wasmtime::Engine.default }

  def wat(result)
    "(module (func (export \"answer\") (result i32) i32.const #{result}))"
  end

  def answer(path)
    Wasmtime::Instance.new(Wasmtime::Store.new, Wasmtime::Module.deserialize_file(engine, path)).invoke("answer")
  end

  it "writes native code next to the file" do
    ran = cli("compile", write("a.wat", wat(42)))
    output = File.join(folder, "a.cwasm")
    expect(ran).to have_attributes(status: 0, stderr: "", stdout: "#{output}: #{File.size(output)} bytes\n")
    expect(answer(output)).to eq(42)
    expect(Dir.children(folder)).to contain_exactly("a.wat", "a.cwasm")
    expect(File.stat(output).mode & 0o022).to eq(0)
  end

  it "writes it where -o says, also as a program and from a binary" do
    output = File.join(folder, "b.bin")
    expect(program("compile", "-o", output, write("a.wasm", Wasmtime.wat2wasm(wat(7))))).to have_attributes(status: 0, stderr: "")
    expect(answer(output)).to eq(7)
  end

  it "compiles components" do
    expect(cli("compile", write("a.wat", CommandLine::COMPONENT)).status).to eq(0)
    component = Wasmtime::Component::Component.deserialize_file(engine, File.join(folder, "a.cwasm"))
    expect(Wasmtime::Component::Linker.new.instantiate(Wasmtime::Store.new, component).invoke("twice", 21)).to eq(42)
  end

  it "replaces compiled code, whole" do
    path = write("a.wat", wat(1))
    cli("compile", path)
    loaded = Wasmtime::Module.deserialize_file(engine, File.join(folder, "a.cwasm"))
    write("a.wat", wat(2))
    expect(cli("compile", path).status).to eq(0)
    expect(answer(File.join(folder, "a.cwasm"))).to eq(2)
    expect(Wasmtime::Instance.new(Wasmtime::Store.new, loaded).invoke("answer")).to eq(1)
  end

  it "replaces nothing else" do
    path = write("a.wat", wat(1))
    other = write("thesis.txt", "years of work")
    link = File.join(folder, "link")
    File.symlink(path, link)
    expect(cli("compile", "-o", other, path)).to refused(1, /thesis\.txt exists and is no compiled code: delete it first, or .* with -o/)
    expect(cli("compile", "-o", path, path)).to refused(1, "a.wat is the file to compile: name another one with -o")
    expect(cli("compile", "-o", link, path)).to refused(1, "link is the file to compile")
    expect(cli("compile", "-o", folder, path)).to refused(1, "#{folder} is a directory: name a file with -o")
    expect(cli("compile", "-o", "/dev/null", path)).to refused(1, "/dev/null is no regular file")
    expect(cli("compile", "-o", "", path)).to refused(2, "--output: the path is empty")
    expect([File.read(other), File.read(path)]).to eq(["years of work", wat(1)])
  end

  it "says that a file cannot be written, and leaves nothing behind" do
    path = write("a.wat", wat(1))
    expect(cli("compile", "-o", "#{folder}/none/a.cwasm", path)).to refused(1, "none/a.cwasm cannot be written: No such file or directory")
    allow(File).to receive(:rename).and_raise(Errno::ENOSPC)
    expect(cli("compile", path)).to refused(1, "a.cwasm cannot be written: No space left on device")
    expect(Dir.children(folder)).to eq(["a.wat"])
  end

  it "fills the cache that Wasmtime.load and run use" do
    path = write("a.wat", wat(42))
    expect(cli("compile", "--cache", path)).to have_attributes(status: 0, stdout: "#{path}: compiled into #{folder}/cache\n", stderr: "")
    expect(Dir.children(folder)).to contain_exactly("a.wat", "cache")
    expect(cli("compile", "--cache", path).stdout).to eq("#{path}: was compiled already in #{folder}/cache\n")
    allow(Wasmtime::Module).to receive(:new).and_raise("compiled again")
    expect(cli("run", "--invoke", "answer", path)).to have_attributes(status: 0, stdout: "42\n", stderr: "")
  end

  it "does both with --cache and -o" do
    path = write("a.wat", wat(42))
    expect(cli("compile", "--cache", "-o", "#{folder}/b.cwasm", path)).to have_attributes(status: 0, stderr: "")
    expect(answer("#{folder}/b.cwasm")).to eq(42)
    expect(Dir.children("#{folder}/cache").size).to eq(1)
  end

  it "says why the cache cannot be used" do
    path = write("a.wat", wat(42))
    FileUtils.mkdir_p("#{folder}/cache")
    File.chmod(0o777, "#{folder}/cache")
    expect(cli("compile", "--cache", path)).to refused(1, "others may write it (its mode is 0777)")
    Wasmtime.cache_dir = false
    expect(cli("compile", "--cache", path)).to refused(1, "there is no folder for compiled code: set XDG_CACHE_HOME or HOME")
    Wasmtime.cache_dir = "#{path}/cache"
    expect(cli("compile", "--cache", path)).to refused(1, "cannot be written")
  end

  it "wants one file" do
    expect(cli("compile")).to refused(2, "no FILE was given (see wasmtime-rb compile --help)")
    expect(cli("compile", "a", "b")).to refused(2, "expected one FILE, got 2")
  end
end
