# frozen_string_literal: true

require_relative "../../rakelib/gem_package"

RSpec.describe GemPackage do
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
        .to eq(%w[.yardopts CHANGELOG.md Cargo.lock Cargo.toml LICENSE README.md SECURITY.md docs exe ext lib sig])
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
