# frozen_string_literal: true

require "tmpdir"

RSpec.describe "WASI's files" do
  # A folder to write to, one to read, and a secret beside them.
  around do |example|
    Dir.mktmpdir do |root|
      @root = root
      Dir.mkdir(data = File.join(root, "data"))
      Dir.mkdir(File.join(data, "inner"))
      Dir.mkdir(readable = File.join(root, "ro"))
      File.write(File.join(root, "secret.txt"), "secret\n")
      [data, readable].each { |folder| File.write(File.join(folder, "hello.txt"), "hello\n") }
      { "outside" => "../secret.txt", "absolute" => File.join(root, "secret.txt"), "inside" => "hello.txt", "loop" => "loop", "up" => ".." }
        .each { |name, target| File.symlink(target, File.join(data, name)) }
      example.run
      expect(File.read(File.join(root, "secret.txt"))).to eq("secret\n")
      expect(Dir.children(root).sort).to eq(%w[data ro secret.txt])
      expect(Dir.children(readable)).to eq(["hello.txt"])
      expect(File.read(File.join(readable, "hello.txt"))).to eq("hello\n")
    end
  end

  def in_folders(*argv)
    probe(*argv) do |config|
      config.set_mapped_directory(File.join(@root, "data"), "/data", :read_write).set_mapped_directory(File.join(@root, "ro"), "/ro", :read_only)
    end
  end

  it "are those of the folders given, in their order" do
    expect(in_folders("preopens")).to prints("3 /data\n4 /ro\n")
    expect(probe("preopens")).to prints("")
    expect(in_folders("read", "/data/hello.txt")).to prints("hello\n")
    expect(in_folders("read", "/data/inner/../hello.txt")).to prints("hello\n")
    expect(in_folders("read", "/data/inside")).to prints("hello\n")
    expect(in_folders("ls", "/ro")).to prints("file hello.txt\n")
  end

  it "may be mapped to the guest's current folder or its root" do
    { "." => "hello.txt", "/" => "/hello.txt" }.each do |place, path|
      run = probe("read", path) { |config| config.set_mapped_directory(File.join(@root, "ro"), place, :read_only) }
      expect(run).to prints("hello\n")
    end
  end

  it "are written, moved and removed where that is allowed" do
    done = prints("done\n")
    expect(in_folders("write", "/data/new.txt", "text")).to done
    expect(in_folders("append", "/data/new.txt", "+more")).to done
    expect(File.read(File.join(@root, "data/new.txt"))).to eq("text+more")
    expect(in_folders("rename", "/data/new.txt", "/data/inner/moved.txt")).to done
    expect(in_folders("stat", "/data/inner/moved.txt")).to prints("file 9\n")
    expect(in_folders("unlink", "/data/inner/moved.txt")).to done
    expect(in_folders("mkdir", "/data/d")).to done
    expect(in_folders("rmdir", "/data/d")).to done
  end

  # What is tried, and the errno it ends with.
  {
    "no folder was given" => [%w[read /etc/passwd ENOTCAPABLE], %w[ls / ENOTCAPABLE], %w[read hello.txt ENOTCAPABLE]],
    "there is no such file" => [%w[read /data/nope ENOENT], %w[write /data/nope/x x ENOENT], %w[stat /data/nope ENOENT],
                                %w[unlink /data/nope ENOENT]],
    ".. leaves the folder" => [
      %w[read /data/../secret.txt EPERM], %w[read /data/inner/../../secret.txt EPERM], %w[read /ro/../data/hello.txt EPERM],
      %w[write /data/../escaped.txt x EPERM], %w[mkdir /data/../d EPERM], %w[unlink /data/../secret.txt EPERM],
      %w[rename /data/hello.txt /data/../x EPERM], %w[stat /data/../secret.txt EPERM]
    ],
    "a symbolic link leaves the folder" => [
      %w[read /data/outside EPERM], %w[read /data/absolute EPERM], %w[read /data/up/secret.txt EPERM], %w[write /data/outside x EPERM],
      %w[write /data/absolute x EPERM], %w[stat /data/outside EPERM], %w[ls /data/up EPERM]
    ],
    "a symbolic link leads to itself" => [%w[read /data/loop ELOOP]],
    "a symbolic link would lead to an absolute place" => [["symlink", "/etc/passwd", "/data/l", "EPERM"]],
    "the folder is read-only" => [
      %w[write /ro/new.txt x EPERM], %w[write /ro/hello.txt x EPERM], %w[append /ro/hello.txt x EPERM], %w[mkdir /ro/d EPERM],
      %w[unlink /ro/hello.txt EPERM], %w[rename /ro/hello.txt /ro/b EPERM], %w[truncate /ro/hello.txt 0 EPERM], %w[touch /ro/hello.txt 5 EPERM],
      %w[symlink hello.txt /ro/l EPERM], %w[link /ro/hello.txt /ro/l EPERM], %w[rename /ro/hello.txt /data/taken EPERM],
      %w[rename /data/hello.txt /ro/given EPERM], %w[link /ro/hello.txt /data/taken EPERM]
    ],
    "it is a folder, or none" => [%w[ls /data/hello.txt ENOTDIR], %w[read /data/hello.txt/x ENOTDIR], %w[unlink /data/inner EISDIR],
                                  %w[mkdir /data/inner EEXIST]]
  }.each do |reason, attempts|
    attempts.each do |*action, errno|
      it "refuse #{action.join(' ')} with #{errno}: #{reason}" do
        expect(in_folders(*action)).to fails_with(errno)
      end
    end
  end

  it "are refused by the host itself, not only by the guest's C library" do
    # Asks with the descriptor of /data, past what wasi-libc knows.
    %w[../secret.txt inner/../../secret.txt outside absolute up/secret.txt].each do |path|
      expect(in_folders("open-at", "3", path, "follow")).to fails_with("EPERM"), path
    end
    expect(in_folders("open-at", "3", "hello.txt")).to prints("opened file\n")
  end

  it "stay what they are when the folder is moved after the store was made" do
    config = wasi_config.set_argv(%w[probe read /f/hello.txt]).set_stdout_buffer(output = +"", 100)
    store = Wasmtime::Store.new(wasi_config: config.set_mapped_directory(File.join(@root, "data"), "/f", :read_only))
    File.rename(File.join(@root, "data"), File.join(@root, "moved"))
    ending(store)
    File.rename(File.join(@root, "moved"), File.join(@root, "data"))
    expect(output).to eq("hello\n")
  end
end
