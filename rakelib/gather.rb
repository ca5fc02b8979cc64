# frozen_string_literal: true

# Makes one platform gem of several that differ in the version of Ruby their extension is for: `ruby rakelib/gather.rb FROM TO`. Run by
# .github/workflows/release.yml with the gems of all platforms; gems that have no sibling, the source gem among them, are copied.
require "fileutils"
require "rubygems/package"
require "tmpdir"

# Joins platform gems.
module Gather
  module_function

  # @param from [String] a folder with gems, at any depth
  # @param to [String] the folder to write to
  # @return [Array<String>] the gems written
  def call(from, to)
    FileUtils.mkdir_p(to)
    gems = Dir[File.join(from, "**/*.gem")]
    abort "gather: there is no gem below #{from}." if gems.empty?
    gems.group_by { |path| Gem::Package.new(path).spec.platform.to_s }.map do |platform, paths|
      paths.one? || platform == "ruby" ? copy(paths.first, to) : join(paths, to)
    end
  end

  def copy(path, to)
    FileUtils.cp(path, to)
    File.join(to, File.basename(path))
  end

  def join(paths, to)
    packages = paths.map { |path| Gem::Package.new(path) }
    Dir.mktmpdir do |stage|
      packages.each { |package| package.extract_files(stage) }
      spec = joined(packages.map(&:spec))
      built = Dir.chdir(stage) { Gem::Package.build(spec) }
      FileUtils.mv(File.join(stage, built), to)
      File.join(to, built)
    end
  end

  def joined(specs)
    specs.first.dup.tap do |spec|
      spec.files = specs.flat_map(&:files).uniq.sort
      spec.required_ruby_version = bounds(specs.map(&:required_ruby_version))
    end
  end

  # From the lowest lower bound to the highest upper one.
  def bounds(requirements)
    pairs = requirements.flat_map(&:requirements)
    lower = pairs.select { |operator, _| operator == ">=" }.map(&:last).min
    upper = pairs.select { |operator, _| operator == "<" }.map(&:last).max
    [">= #{lower}", "< #{upper}"]
  end
end

puts Gather.call(ARGV.fetch(0), ARGV.fetch(1)) if $PROGRAM_NAME == __FILE__
