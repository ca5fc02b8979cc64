# frozen_string_literal: true

require "fileutils"
require "open3"
require "rbconfig"
require "tmpdir"

RSpec.describe "the native extension" do
  root = File.expand_path("../..", __dir__)
  name = "wasmtime_rb.#{RbConfig::CONFIG['DLEXT']}"
  extension = [RUBY_VERSION[/\d+\.\d+/], "."].map { |folder| File.join(root, "lib/wasmtime", folder, name) }.find { |path| File.file?(path) }

  # Bundler and rspec must not leak into the Ruby that is asked.
  run = ->(*command, env: {}, dir: root) { Open3.capture2e({ "RUBYOPT" => nil, "RUBYLIB" => nil }.merge(env), *command, chdir: dir) }

  describe "as a file" do
    it "exports its Init function and nothing else", if: RUBY_PLATFORM.include?("linux") do
      output, status = run["nm", "-D", "--defined-only", extension]
      expect(status).to be_success, output
      expect(output.lines.map { |line| line.split.last }).to eq(["Init_wasmtime_rb"])
    end

    it "is under 40 MB" do
      expect(File.size(extension)).to be < 40_000_000
    end
  end

  describe "extconf.rb" do
    around { |example| Dir.mktmpdir { |folder| Dir.chdir(folder) { example.run } } }

    extconf = File.join(root, "ext/wasmtime_rb/extconf.rb")

    # A PATH with stand-ins for the named programs: each prints the given version.
    path_with = lambda do |programs|
      FileUtils.mkdir_p("bin")
      programs.each { |program, version| File.write("bin/#{program}", "#!/bin/sh\necho '#{program} #{version}'\n", perm: 0o755) }
      { "PATH" => File.expand_path("bin"), "CARGO" => nil, "RUSTC" => nil, "CC" => nil, "CMAKE" => nil }
    end
    complete = { "rustc" => "9.99.0", "cargo" => "9.99.0", "cmake" => "3.25.1", "cc" => "12.2.0", "ruby" => "3.1" }
    configure = ->(programs, *options) { run[RbConfig.ruby, *options, extconf, env: path_with[programs], dir: Dir.pwd] }

    it "writes a Makefile where everything is there" do
      output, status = configure[complete]
      expect(status).to be_success, output
      expect(File.read("Makefile")).to include("rustc --release --locked", "DLLIB = #{name}")
    end

    it "names everything that is missing and its Debian packages in one sentence" do
      output, status = configure[{}]
      expect(status).not_to be_success
      expect(File).not_to exist("Makefile")
      expect(output.lines.size).to eq(1)
      expect(output).to start_with("wasmtime-rb cannot be built on #{RUBY_PLATFORM} yet, because it needs Rust 1.95 or newer (rustup, or ")
      expect(output).to include("cmake (Debian package cmake)", "a C compiler (Debian package gcc)")
    end

    it "tells an old Rust from a missing one" do
      output, = configure[complete.merge("rustc" => "1.63.0")]
      expect(output).to include("Rust 1.95 or newer instead of 1.63.0 (rustup, or the Debian packages rustc-web and cargo-web).")
    end

    it "names a missing cargo" do
      output, = configure[complete.except("cargo")]
      expect(output).to include("it needs cargo (rustup, or the Debian packages rustc-web and cargo-web).")
    end

    it "names missing Ruby headers" do
      File.write("no_headers.rb", 'require "rbconfig"; RbConfig::CONFIG["rubyhdrdir"] = "/nonexistent"')
      output, = configure[complete, "-r./no_headers.rb"]
      expect(output).to include("it needs the headers of Ruby #{RUBY_VERSION} (Debian package ruby-dev).")
    end

    it "names a missing libclang" do
      File.write("no_libclang.rb", <<~RUBY)
        require #{File.join(root, 'ext/wasmtime_rb/build_requirements').dump}
        BuildRequirements.singleton_class.class_eval do
          def libclang_folders = []
          def ldconfig_knows_libclang? = false
        end
      RUBY
      output, = configure[complete, "-W0", "-r./no_libclang.rb"]
      expect(output).to include("it needs libclang (Debian package libclang-dev).")
    end
  end

  describe "the loader" do
    around { |example| Dir.mktmpdir { |folder| Dir.chdir(folder) { example.run } } }

    before { FileUtils.cp_r(File.join(root, "lib"), ".") }

    let(:where) { /on #{Regexp.escape(RUBY_PLATFORM)} with Ruby #{Regexp.escape(RUBY_VERSION)}/ }

    report = 'begin; require "wasmtime"; rescue LoadError => e; puts e.message, e.cause&.message.to_s; end'
    ask = ->(*options, code: report) { run[RbConfig.ruby, "-Ilib", *options, "-e", code, dir: Dir.pwd].first.lines(chomp: true) }

    it "says what to do when there is no extension" do
      FileUtils.rm(Dir["lib/wasmtime/**/#{name}"])
      message, cause = ask.call
      expect(message).to match(where).and include("was not found", "`gem pristine wasmtime-rb`", "`rake compile`")
      expect(cause).to include("cannot load such file")
    end

    it "keeps the reason why a foreign extension was refused" do
      Dir["lib/wasmtime/**/#{name}"].each { |path| File.write(path, "not an extension") }
      message, cause = ask.call
      expect(message).to match(where).and include("could not be loaded", "`gem pristine wasmtime-rb`")
      expect(cause).to include(name)
    end

    it "prefers the extension of its own Ruby version, and falls back with the first reason kept" do
      folder = "lib/wasmtime/#{RUBY_VERSION[/\d+\.\d+/]}"
      FileUtils.mkdir_p(folder)
      File.write("#{folder}/#{name}", "not an extension")
      expect(ask.call(code: "#{report}; puts Wasmtime::VERSION")).to eq([Wasmtime::VERSION])
      File.write("lib/wasmtime/#{name}", "not one either")
      expect(ask.call.last).to include("#{folder}/#{name}")
    end

    it "refuses to share a process with the wasmtime gem, in one sentence" do
      File.write("other_gem.rb", 'Gem.loaded_specs["wasmtime"] = Gem::Specification.new("wasmtime", "45.0.0")')
      message, = ask.call("-r./other_gem.rb")
      expect(message).to include("wasmtime and wasmtime-rb").and end_with("Gemfile")
    end

    it "loads under the name of the gem" do
      expect(ask.call(code: 'require "wasmtime-rb"; puts Wasmtime::VERSION')).to eq([Wasmtime::VERSION])
    end
  end
end
