# frozen_string_literal: true

require_relative "../../rakelib/package"
require_relative "../../rakelib/package_verification"

RSpec.describe Package do
  root = File.expand_path("../..", __dir__)
  around { |example| Dir.chdir(root) { example.run } }

  let(:source) { Gem::Specification.load("wasmtime-rb.gemspec") }
  let(:package) { described_class.new(source) }
  let(:minor) { RUBY_VERSION[/\d+\.\d+/] }

  describe "the source gem" do
    it "has everything the build reads, the lock file included" do
      rust = Dir["ext/**/*.rs"].grep_v(%r{/target/})
      expect(rust.size).to be > 50
      expect(source.files).to include(*rust, "Cargo.toml", "Cargo.lock", "ext/wasmtime_rb/Cargo.toml", "ext/wasmtime_rb/extconf.rb",
                                      "ext/wasmtime_rb/build_requirements.rb", *Dir["lib/**/*.rb"], *Dir["sig/**/*.rbs"])
      expect(source.extensions).to eq(["ext/wasmtime_rb/extconf.rb"])
    end

    it "has every member of the workspace" do
      members = File.read("Cargo.toml")[/^members = \[(.*)\]/, 1].scan(/"(.+?)"/).flatten
      expect(members).not_to be_empty
      expect(source.files).to include(*members.map { |member| "#{member}/Cargo.toml" })
    end

    it "has nothing else: no extension, no specs, no fixtures, no scripts" do
      expect(source.files.grep(/\.(so|bundle|gem|wasm|o)\z/)).to eq([])
      expect(source.files.map { |path| path[%r{\A[^/]+}] }.uniq.sort)
        .to eq(%w[.yardopts CHANGELOG.md Cargo.lock Cargo.toml LICENSE README.md SECURITY.md docs ext lib sig])
    end

    it "needs no other gem" do
      expect(source.runtime_dependencies).to eq([])
    end
  end

  describe "the platform gem" do
    let(:spec) { package.platform_spec }

    it "has the extension where the loader looks first, and nothing to build" do
      extension = "lib/wasmtime/#{minor}/wasmtime_rb.#{RbConfig::CONFIG['DLEXT']}"
      expect(package.extensions).to include(extension => "lib/wasmtime/wasmtime_rb.#{RbConfig::CONFIG['DLEXT']}")
      expect(spec.files).to include(extension, *Dir["lib/**/*.rb"], *Dir["sig/**/*.rbs"], "LICENSE")
      expect(spec.files.grep(%r{\Aext/|\ACargo})).to eq([])
      expect([spec.extensions, spec.platform]).to eq([[], Gem::Platform.local])
    end

    it "is for the version of Ruby its extension was built for" do
      major, second = minor.split(".").map(&:to_i)
      bounds = spec.required_ruby_version
      expect(bounds).to be_satisfied_by(Gem::Version.new("#{minor}.0")).and be_satisfied_by(Gem::Version.new("#{minor}.99"))
      expect(bounds).not_to be_satisfied_by(Gem::Version.new("#{major}.#{second + 1}.0.preview1"))
      expect(bounds).not_to be_satisfied_by(Gem::Version.new("#{major}.#{second - 1}.9"))
    end

    it "leaves the source gem's description as it is" do
      before = [source.files.dup, source.extensions.dup, source.platform]
      spec
      expect([source.files, source.extensions, source.platform]).to eq(before)
    end
  end
end

RSpec.describe PackageVerification do
  def verification(readme)
    described_class.new(readme: "text\n```ruby\n#{readme}```\n")
  end

  # A gem without an extension stands in for ours.
  def gem_in(folder, bytes: 10)
    Dir.chdir(folder) do
      Dir.mkdir("lib")
      File.write("lib/stand_in.rb", "#{'#' * bytes}\nputs 'loaded'")
      spec = Gem::Specification.new("stand_in", "1.0") { |s| (s.summary = "x") && (s.authors = ["x"]) && (s.files = ["lib/stand_in.rb"]) }
      Gem::DefaultUserInteraction.use_ui(Gem::SilentUI.new) { File.expand_path(Gem::Package.build(spec, true)) }
    end
  end

  around { |example| Dir.mktmpdir { |folder| (@folder = folder) && example.run } }

  it "installs a gem and compares what the README's example prints" do
    gem = gem_in(@folder)
    report = verification("require \"stand_in\" # prints loaded\n").platform_gem(gem)
    expect(report).to match(/\Astand_in-1\.0\.gem: 0\.0 MiB packed, 0\.0 MiB installed; the README's first example runs\z/)
    expect { verification("require \"stand_in\" # prints something else\n").platform_gem(gem) }
      .to raise_error(described_class::Failure, /\Athe README's first example printed "loaded\\n", not "something else"\z/)
  end

  it "fails in one sentence when a gem cannot be installed or is too large" do
    File.write("#{@folder}/broken.gem", "no gem")
    expect { verification("").platform_gem("#{@folder}/broken.gem") }.to raise_error(described_class::Failure, /\A`.*gem install .*` failed: /)
    File.write("#{@folder}/large.gem", "")
    File.truncate("#{@folder}/large.gem", described_class::PACKED + 1)
    expect { verification("").platform_gem("#{@folder}/large.gem") }
      .to raise_error(described_class::Failure, /large\.gem has 15\.0 MiB, more than 15\.0 MiB\z/)
  end
end
