# frozen_string_literal: true

require "rbconfig"

# What the build needs, looked for before cargo starts: cargo would say it minutes later and less clearly.
module BuildRequirements
  MANIFEST = File.expand_path("Cargo.toml", __dir__)
  RUST = Gem::Version.new(File.read(MANIFEST)[/^rust-version = "(.+)"/, 1])
  # Where the clang-sys crate looks, most specific first.
  LIBCLANG_FOLDERS = %w[
    /usr/local/llvm*/lib* /usr/local/lib* /usr/local/lib*/* /usr/local/opt/llvm*/lib /usr/lib* /usr/lib*/* /usr/lib*/*/*
    /opt/homebrew/opt/llvm*/lib /Library/Developer/CommandLineTools/usr/lib
    /Applications/Xcode.app/Contents/Developer/Toolchains/XcodeDefault.xctoolchain/usr/lib
  ].freeze
  LIBCLANG_FILES = "{libclang,libclang-*}.{so,so.*,dylib,dll}"

  module_function

  # @return [Array<String>] one phrase for each thing that is missing, with the Debian package that brings it
  def missing
    [rust, program("cmake", "cmake", ENV.fetch("CMAKE", nil)), compiler, libclang, headers].compact
  end

  def cargo
    ENV.fetch("CARGO", nil) || "cargo"
  end

  def rust
    found = version(ENV.fetch("RUSTC", nil) || "rustc")
    hint = "rustup, or the Debian packages rustc-web and cargo-web"
    return "Rust #{RUST} or newer (#{hint})" unless found
    return "Rust #{RUST} or newer instead of #{found} (#{hint})" if found < RUST

    "cargo (#{hint})" unless version(cargo)
  end

  def compiler
    name = ENV.fetch("CC", nil)&.split&.first || RbConfig::CONFIG.fetch("CC", "cc").split.first
    program("a C compiler", "gcc", name) && program("a C compiler", "gcc", "cc")
  end

  def headers
    file = File.join(RbConfig::CONFIG["rubyhdrdir"].to_s, "ruby.h")
    "the headers of Ruby #{RUBY_VERSION} (Debian package ruby-dev)" unless File.file?(file)
  end

  def libclang
    return if libclang_folders.any? { |folder| Dir.glob(LIBCLANG_FILES, base: folder).any? } || ldconfig_knows_libclang?

    "libclang (Debian package libclang-dev)"
  end

  def libclang_folders
    given = ENV.fetch("LIBCLANG_PATH", nil)
    return [File.directory?(given) ? given : File.dirname(given)] if given && File.exist?(given)

    [output(ENV.fetch("LLVM_CONFIG_PATH", nil) || "llvm-config", "--libdir"), *Dir.glob(LIBCLANG_FOLDERS)].compact
  end

  def ldconfig_knows_libclang?
    output("ldconfig", "-p").to_s.match?(/\blibclang(-\d+)?\.so/)
  end

  def program(label, package, command)
    command ||= label
    "#{label} (Debian package #{package})" unless output(command, "--version")
  end

  def version(command)
    text = output(command, "--version").to_s[/\d+\.\d+(\.\d+)?/]
    Gem::Version.new(text) if text
  end

  def output(*command)
    text = IO.popen(command, err: File::NULL, &:read)
    text.strip if $?.success?
  rescue SystemCallError
    nil
  end
end
