# frozen_string_literal: true

require "rubygems/package"
require_relative "../../rakelib/package_verification"

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
