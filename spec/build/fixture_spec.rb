# frozen_string_literal: true

require_relative "../../rakelib/fixture"

RSpec.describe Fixture do
  program = "a program"

  # A registry that gives the file `source.tgz`, whose member is pkg/a.wasm.
  def registry(tool: %w[true], download: ->(_package, folder) { ["cp", "source.tgz", "#{folder}/a-1.0.tgz"] })
    described_class::Registry.new(name: "shop", tool: tool, download: download, extract: described_class::NPM.extract)
  end

  def fixture(archive_sha256: Digest::SHA256.file("source.tgz").hexdigest, sha256: @sha256, **options)
    described_class.new("a", registry: registry(**options), package: "a@1.0", archive: ["a-1.0.tgz", archive_sha256], member: ["pkg/a.wasm", sha256])
  end

  around do |example|
    Dir.mktmpdir do |folder|
      Dir.chdir(folder) do
        Dir.mkdir("pkg")
        File.write("pkg/a.wasm", program)
        @sha256 = Digest::SHA256.file("pkg/a.wasm").hexdigest
        system("tar", "-czf", "source.tgz", "pkg")
        example.run
      end
    end
  end

  it "fetches the program, and the archive is gone afterwards" do
    fixture.fetch
    expect(File.read("fixtures/a.wasm")).to eq(program)
    expect(Dir.children("fixtures")).to eq(["a.wasm"])
  end

  it "does nothing when the program is there, and fetches it again when it is another" do
    fixture.fetch
    fixture(tool: %w[false]).fetch
    File.write("fixtures/a.wasm", "another")
    fixture.fetch
    expect(File.read("fixtures/a.wasm")).to eq(program)
  end

  it "says in one sentence what is missing" do
    refused = ->(text) { raise_error(described_class::Missing, text) }
    expect { fixture(tool: %w[false]).fetch }.to refused["shop is needed to fetch a@1.0 (bin/setup installs it)."]
    expect { fixture(tool: %w[no-such-tool]).fetch }.to refused["shop is needed to fetch a@1.0 (bin/setup installs it)."]
    expect { fixture(download: ->(*) { %w[false] }).fetch }.to refused["shop could not fetch a@1.0; check that its registry can be reached."]
  end

  it "says so when the registry has another archive for this machine, and keeps none of it" do
    other = ->(_package, folder) { ["cp", "source.tgz", "#{folder}/a-1.0-aarch64.tgz"] }
    expect { fixture(download: other).fetch }
      .to raise_error(described_class::Missing, "shop has no a-1.0.tgz of a@1.0 for this machine: the project pins that one alone.")
    expect(Dir.children("fixtures")).to eq([])
  end

  it "makes programs of this machine's executable, also one that is there and is not" do
    tool = described_class.new("a", registry: registry, package: "a@1.0", archive: ["a-1.0.tgz", Digest::SHA256.file("source.tgz").hexdigest],
                                    member: ["pkg/a.wasm", @sha256], file: "a", executable: true)
    tool.fetch
    expect(File.stat("fixtures/a").mode & 0o777).to eq(0o755)
    FileUtils.chmod(0o644, "fixtures/a")
    expect(tool.present?).to be false
    tool.fetch
    expect([tool.present?, Dir.children("fixtures")]).to eq([true, ["a"]])
  end

  it "keeps nothing whose sha256 is not the pinned one" do
    expect { fixture(archive_sha256: "0" * 64).fetch }
      .to raise_error(described_class::Missing, %r{\Afixtures/a-1\.0\.tgz is not the file whose sha256})
    expect { fixture(sha256: "0" * 64).fetch }.to raise_error(described_class::Missing, %r{pkg/a\.wasm is not the file whose sha256})
    expect(Dir.glob("fixtures/**/*.wasm")).to eq([])
  end
end
