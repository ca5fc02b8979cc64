# frozen_string_literal: true

require "find"
require "open3"
require "rbconfig"
require "tmpdir"

# Installs a package the way a user does, into folders made for it, and runs the README's first example from an empty folder.
class PackageVerification
  # What is wrong, in one sentence.
  Failure = Class.new(StandardError)

  # Bytes a package may have, and its installation.
  PACKED = 15 << 20
  INSTALLED = 100 << 20

  def initialize(readme: File.read("README.md"), root: Dir.pwd)
    @root = root
    @example = readme[/^```ruby\n(.*?)^```/m, 1]
    @expected = @example.scan(/# prints (.*)$/).flatten
  end

  # The platform gem, where there is no cargo and nothing else to build with.
  # @return [String] what was measured
  def platform_gem(gem)
    raise Failure, "#{gem} has #{mib(File.size(gem))}, more than #{mib(PACKED)}" if File.size(gem) > PACKED

    in_new_folders do |folder, home|
      bin = File.join(folder, "bin")
      Dir.mkdir(bin)
      File.symlink(RbConfig.ruby, File.join(bin, "ruby"))
      env = gem_home(home).merge("PATH" => bin)
      install(gem, env)
      run_example(env, folder)
      report(gem, home)
    end
  end

  # The source gem, built with the project's own target folder, which is warm.
  # @return [String] what was measured
  def source_gem(gem)
    in_new_folders do |folder, home|
      env = gem_home(home).merge(target)
      install(gem, env)
      left = Find.find(home).find { |path| File.basename(path) == "target" && File.directory?(path) }
      raise Failure, "the build left #{left} behind" if left

      run_example(env, folder)
      report(gem, home)
    end
  end

  # A Gemfile with `git:`, of a clone of what is committed.
  # @return [String] what was measured
  def git_gemfile
    in_new_folders do |folder, home|
      clone = File.join(folder, "clone")
      run({}, "git", "clone", "--quiet", @root, clone)
      app = File.join(folder, "app")
      Dir.mkdir(app)
      File.write(File.join(app, "Gemfile"), "gem \"wasmtime-rb\", git: #{"file://#{clone}".dump}\n")
      env = gem_home(home).merge(target, "BUNDLE_PATH" => home, "BUNDLE_GEMFILE" => File.join(app, "Gemfile"), "BUNDLE_APP_CONFIG" => app)
      run(env, *ruby("bundle"), "install", "--quiet", chdir: app)
      check_output(run(env, *ruby("bundle"), "exec", RbConfig.ruby, "-", chdir: app, stdin_data: @example))
      report("a Gemfile with git", home)
    end
  end

  private

  def in_new_folders
    Dir.mktmpdir("wasmtime-rb-package") do |folder|
      home = File.join(folder, "home")
      Dir.mkdir(home)
      yield folder, home
    end
  end

  # Nothing of this process's RubyGems and Bundler, and of the user's settings, comes along.
  def gem_home(home)
    { "GEM_HOME" => home, "GEM_PATH" => home, "HOME" => home, "RUBYOPT" => nil, "RUBYLIB" => nil, "BUNDLE_GEMFILE" => nil }
  end

  def target
    cargo = { "CARGO_HOME" => ENV.fetch("CARGO_HOME", File.join(Dir.home, ".cargo")) }
    rustup = File.join(Dir.home, ".rustup")
    cargo["RUSTUP_HOME"] = ENV.fetch("RUSTUP_HOME", rustup) if ENV.key?("RUSTUP_HOME") || File.directory?(rustup)
    cargo.merge("CARGO_TARGET_DIR" => ENV.fetch("CARGO_TARGET_DIR", File.join(@root, "target")))
  end

  # Ruby's own tools, run without looking them up in PATH.
  def ruby(tool)
    [RbConfig.ruby, File.join(RbConfig::CONFIG.fetch("bindir"), tool)]
  end

  def install(gem, env)
    run(env, *ruby("gem"), "install", "--local", "--no-document", "--quiet", File.expand_path(gem, @root))
  end

  def run_example(env, folder)
    empty = File.join(folder, "empty")
    Dir.mkdir(empty)
    check_output(run(env, RbConfig.ruby, "-", chdir: empty, stdin_data: @example))
  end

  def check_output(output)
    return if output.lines(chomp: true) == @expected

    raise Failure, "the README's first example printed #{output.inspect}, not #{@expected.join("\n").inspect}"
  end

  def run(env, *command, **options)
    output, status = Open3.capture2e(env, *command, **options)
    raise Failure, "`#{command.join(' ')}` failed: #{output.strip}" unless status.success?

    output
  end

  def report(what, home)
    installed = Find.find(home).sum { |path| File.lstat(path).file? ? File.size(path) : 0 }
    raise Failure, "#{what} takes #{mib(installed)} when installed, more than #{mib(INSTALLED)}" if installed > INSTALLED

    packed = File.file?(what) ? "#{mib(File.size(what))} packed, " : ""
    "#{File.basename(what)}: #{packed}#{mib(installed)} installed; the README's first example runs"
  end

  def mib(bytes)
    format("%.1f MiB", bytes / 1024.0 / 1024)
  end
end
