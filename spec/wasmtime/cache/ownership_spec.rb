# frozen_string_literal: true

require "tmpdir"
require "wasmtime/cache/disk"

RSpec.describe "Cache::Ownership" do
  let(:ownership) { Wasmtime.const_get(:Cache)::Ownership }
  let(:folder) { File.realpath(Dir.mktmpdir) }
  let(:file) { File.join(folder, "code").tap { |path| File.write(path, "code") } }

  after { FileUtils.rm_rf(folder) }

  def refuse(path, reason)
    message = "refused to load compiled code from the cache: #{path}: #{reason}. Loading runs native code: make it writable for its owner only " \
              "(chmod go-w), or give another cache_dir, or cache_dir: false"
    raise_error(an_instance_of(Wasmtime::CacheError).and(have_attributes(message: message)))
  end

  # Makes a path somebody else's: root gives it away, others become somebody else.
  def give_away(path)
    Process.euid.zero? ? File.lchown(1, 1, path) : allow(Process).to(receive(:euid).and_return(Process.euid + 1))
  end

  it "takes a folder and a file of one's own, readable for all" do
    File.chmod(0o755, folder)
    File.chmod(0o644, file)
    expect(ownership.folder(folder)).to eq(folder)
    expect { ownership.file(file) }.not_to raise_error
  end

  it "refuses a folder or a file that others may write" do
    [0o775, 0o757, 0o1777].each do |mode|
      File.chmod(mode, folder)
      expect { ownership.folder(folder) }.to refuse(folder, format("others may write it (its mode is %04o)", mode))
    end
    [0o660, 0o602].each do |mode|
      File.chmod(mode, file)
      expect { ownership.file(file) }.to refuse(file, format("others may write it (its mode is %04o)", mode))
    end
  end

  it "refuses a folder or a file of another user's" do
    give_away(file)
    expect { ownership.file(file) }.to raise_error(Wasmtime::CacheError, /#{Regexp.escape(file)}: it belongs to user \d+, and this is user \d+\. /)
    give_away(folder)
    expect { ownership.folder(folder) }.to raise_error(Wasmtime::CacheError, /#{Regexp.escape(folder)}: it belongs to user/)
  end

  it "refuses a folder below one that others may write, but not below one with the sticky bit" do
    inner = File.join(folder, "a/b").tap { |path| FileUtils.mkdir_p(path, mode: 0o700) }
    File.chmod(0o777, folder)
    expect { ownership.folder(inner) }.to refuse(folder, "others may write it (its mode is 0777)")
    File.chmod(0o1777, folder)
    expect(ownership.folder(inner)).to eq(inner)
  end

  it "looks at the folder a symbolic link leads to" do
    open = File.join(folder, "open").tap { |path| Dir.mkdir(path) }
    File.chmod(0o777, open)
    link = File.join(folder, "link").tap { |path| File.symlink(open, path) }
    expect { ownership.folder(link) }.to refuse(open, "others may write it (its mode is 0777)")
    File.chmod(0o700, open)
    expect(ownership.folder(link)).to eq(open)
  end

  it "refuses symbolic links and folders for files" do
    link = File.join(folder, "link").tap { |path| File.symlink(file, path) }
    expect { ownership.file(link) }.to refuse(link, "it is no regular file")
    expect { ownership.file(folder) }.to refuse(folder, "it is no regular file")
    expect { ownership.folder(file) }.to refuse(file, "it is no folder")
  end
end
