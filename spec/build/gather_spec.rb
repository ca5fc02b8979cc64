# frozen_string_literal: true

require_relative "../../rakelib/gather"

RSpec.describe Gather do
  # A platform gem with an extension for one version of Ruby.
  def gem_for(minor, upper, folder)
    Dir.mktmpdir do |stage|
      Dir.chdir(stage) do
        FileUtils.mkdir_p(["lib/x/#{minor}", folder])
        File.write("lib/x.rb", "# the same in all")
        File.write("lib/x/#{minor}/x.so", minor)
        spec = Gem::Specification.new("x", "1.0") do |s|
          s.platform = "x86_64-linux"
          s.summary = "x"
          s.authors = ["x"]
          s.files = ["lib/x.rb", "lib/x/#{minor}/x.so"]
          s.required_ruby_version = [">= #{minor}", "< #{upper}"]
        end
        FileUtils.mv(Gem::Package.build(spec, true), folder)
      end
    end
  end

  around do |example|
    Gem::DefaultUserInteraction.use_ui(Gem::SilentUI.new) { Dir.mktmpdir { |folder| (@folder = folder) && example.run } }
  end

  it "joins the gems of one platform: all extensions, and the bounds of all" do
    gem_for("3.1", "3.2.dev", "#{@folder}/from/a")
    gem_for("3.3", "3.4.dev", "#{@folder}/from/b")
    path, = described_class.call("#{@folder}/from", "#{@folder}/to")
    package = Gem::Package.new(path)
    expect(package.contents.sort).to eq(%w[lib/x.rb lib/x/3.1/x.so lib/x/3.3/x.so])
    expect(package.spec.required_ruby_version).to eq(Gem::Requirement.new(">= 3.1", "< 3.4.dev"))
    package.extract_files("#{@folder}/out")
    expect(File.read("#{@folder}/out/lib/x/3.3/x.so")).to eq("3.3")
  end

  it "copies a gem that is alone" do
    gem_for("3.1", "3.2.dev", "#{@folder}/from")
    path, = described_class.call("#{@folder}/from", "#{@folder}/to")
    expect(File.binread(path)).to eq(File.binread("#{@folder}/from/x-1.0-x86_64-linux.gem"))
  end

  it "says when there is nothing to join" do
    expect { described_class.call("#{@folder}/from", "#{@folder}/to") }
      .to raise_error(SystemExit).and output("gather: there is no gem below #{@folder}/from.\n").to_stderr
  end
end
