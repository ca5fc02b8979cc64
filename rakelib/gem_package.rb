# frozen_string_literal: true

require "fileutils"
require "rubygems/package"

# The two gems of a release: the source gem, which the gemspec describes, and the platform gem made from it here, with the extension instead
# of its source.
class GemPackage
  FOLDER = "pkg"
  STAGE = "tmp/package"
  # What the source gem has for building only.
  BUILD_FILES = %r{\A(ext/|Cargo\.)}

  # @param spec [Gem::Specification] of the source gem
  # @param minor [String] the version of Ruby the extension in lib/wasmtime/ was built for
  def initialize(spec = Gem::Specification.load("wasmtime-rb.gemspec"), minor: RUBY_VERSION[/\d+\.\d+/])
    @spec = spec
    @minor = minor
    @name = "wasmtime_rb.#{RbConfig::CONFIG['DLEXT']}"
  end

  # @return [String] where the source gem lies
  def source_path
    File.join(FOLDER, @spec.file_name)
  end

  # @return [String] where the platform gem lies
  def platform_path
    File.join(FOLDER, platform_spec.file_name)
  end

  # The platform gem: nothing to compile, and only for the versions of Ruby whose extensions it carries.
  # @return [Gem::Specification]
  def platform_spec
    @spec.dup.tap do |spec|
      spec.platform = Gem::Platform.local
      spec.extensions = []
      spec.files = @spec.files.grep_v(BUILD_FILES) + extensions.keys
      spec.required_ruby_version = bounds
      # Building is what needed a newer RubyGems.
      spec.required_rubygems_version = ">= 3.3"
    end
  end

  # Extensions by their place in the gem, where the loader looks first. That of this Ruby was just compiled; those of others, which a release
  # gathers from other builds, lie there already.
  # @return [Hash{String => String}]
  def extensions
    others = Dir["lib/wasmtime/[0-9]*.[0-9]*/#{@name}"]
    others.to_h { |path| [path, path] }.merge("lib/wasmtime/#{@minor}/#{@name}" => "lib/wasmtime/#{@name}")
  end

  # @return [String] where the platform gem lies
  def build_platform
    spec = platform_spec
    stage(spec)
    FileUtils.mkdir_p(FOLDER)
    built = Dir.chdir(STAGE) { Gem::DefaultUserInteraction.use_ui(Gem::SilentUI.new) { Gem::Package.build(spec) } }
    FileUtils.mv(File.join(STAGE, built), platform_path)
    platform_path
  ensure
    FileUtils.rm_rf(STAGE)
  end

  private

  def bounds
    minors = extensions.keys.map { |path| Gem::Version.new(path[/\d+\.\d+/]) }.sort
    major, minor = minors.last.segments
    # A preview of the next version is the next version.
    [">= #{minors.first}", "< #{major}.#{minor + 1}.dev"]
  end

  def stage(spec)
    FileUtils.rm_rf(STAGE)
    spec.files.each do |path|
      target = File.join(STAGE, path)
      FileUtils.mkdir_p(File.dirname(target))
      FileUtils.cp(extensions.fetch(path, path), target)
    end
  end
end
