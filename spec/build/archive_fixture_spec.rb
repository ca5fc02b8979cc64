# frozen_string_literal: true

require_relative "../../rakelib/archive_fixture"

RSpec.describe ArchiveFixture do
  def fixture(tool: %w[true])
    registry = Fixture::Registry.new(name: "shop", tool: tool, download: ->(_package, folder) { ["cp", "source.tgz", "#{folder}/a-1.0.tgz"] })
    described_class.new("a", registry: registry, package: "a@1.0", archive: ["a-1.0.tgz", Digest::SHA256.file("source.tgz").hexdigest],
                             members: %w[pkg/one pkg/some])
  end

  def pack(text)
    FileUtils.mkdir_p("pkg/some")
    %w[one other some/two].each { |name| File.write("pkg/#{name}", text) }
    system("tar", "-czf", "source.tgz", "pkg")
  end

  def files
    Dir.glob("fixtures/**/*").select { |path| File.file?(path) }.sort
  end

  around do |example|
    Dir.mktmpdir do |folder|
      Dir.chdir(folder) do
        pack("a text")
        example.run
      end
    end
  end

  it "fetches its members alone, and the archive is gone afterwards" do
    fixture.fetch
    expect(files).to eq(%w[fixtures/a/archive.sha256 fixtures/a/pkg/one fixtures/a/pkg/some/two])
  end

  it "does nothing when they are there" do
    fixture.fetch
    fixture(tool: %w[false]).fetch
  end

  it "fetches them again when one of them is gone, or another archive is pinned" do
    fixture.fetch
    FileUtils.rm_r("fixtures/a/pkg/some")
    fixture.fetch
    expect(File.read("fixtures/a/pkg/some/two")).to eq("a text")
    pack("another text")
    fixture.fetch
    expect(File.read("fixtures/a/pkg/one")).to eq("another text")
  end
end
