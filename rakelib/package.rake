# frozen_string_literal: true

require_relative "gem_package"
require_relative "package_verification"

# `rake build` makes the source gem: Bundler's task, or this one where there is no Bundler.
unless Rake::Task.task_defined?(:build)
  desc "Build the source gem into pkg/"
  task :build do
    mkdir_p GemPackage::FOLDER, verbose: false
    sh "gem", "build", "--output", GemPackage.new.source_path, "wasmtime-rb.gemspec"
  end
end

desc "Compile the extension for the platform gem (`rake native gem`)"
task native: :compile

desc "Build the platform gem into pkg/, with the extension for this Ruby"
task gem: :native do
  path = GemPackage.new.build_platform
  puts "#{path}: #{File.size(path) / 1024} KiB"
end

namespace :package do
  # Says what was measured, or stops with one sentence.
  def verified
    puts "package: #{yield PackageVerification.new}"
  rescue PackageVerification::Failure => e
    abort "package: #{e.message}"
  end

  namespace :verify do
    desc "Install the platform gem where there is no cargo, and run the README's first example"
    task(platform: :gem) { verified { |verification| verification.platform_gem(GemPackage.new.platform_path) } }

    desc "Install the source gem, which builds it, and run the README's first example"
    task(source: :build) { verified { |verification| verification.source_gem(GemPackage.new.source_path) } }

    desc "Install what is committed through a Gemfile with git:, and run the README's first example"
    task(:git) { verified(&:git_gemfile) }
  end

  desc "Check that the Rust code compiles for Linux on aarch64, where nothing of it is run (some five minutes)"
  task :check_aarch64 do
    target = "aarch64-unknown-linux-gnu"
    compiler = "aarch64-linux-gnu-gcc"
    library = File.join(IO.popen(%w[rustc --print sysroot], &:read).chomp, "lib/rustlib", target)
    abort "package: Rust's library for #{target} is needed (rustup target add #{target})." unless File.directory?(library)
    unless system(compiler, "--version", out: File::NULL, err: File::NULL)
      abort "package: #{compiler} is needed for the C code of dependencies (Debian package gcc-aarch64-linux-gnu)."
    end
    sh "cargo", "check", "--release", "--locked", "--lib", "--manifest-path", "ext/wasmtime_rb/Cargo.toml", "--target", target
  end

  desc "Verify the platform gem, the source gem and a Gemfile with git:"
  task verify: %w[verify:platform verify:source verify:git]
end
