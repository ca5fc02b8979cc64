# frozen_string_literal: true

require_relative "lib/wasmtime/version"

Gem::Specification.new do |spec|
  spec.name = "wasmtime-rb"
  spec.version = Wasmtime::VERSION
  spec.authors = ["The wasmtime-rb contributors"]
  spec.summary = "Run WebAssembly in Ruby programs with Wasmtime"
  spec.description = "Compiles, links and runs WebAssembly modules and components inside Ruby: safe to interrupt, fork and share between threads, " \
                     "with limits on time and memory. Built on the Wasmtime C API."
  spec.license = "Apache-2.0"
  spec.homepage = "https://rubydoc.info/gems/wasmtime-rb"
  spec.required_ruby_version = ">= 3.1"
  spec.required_rubygems_version = ">= 3.3.11"
  spec.metadata = {
    "rubygems_mfa_required" => "true",
    "documentation_uri" => "https://rubydoc.info/gems/wasmtime-rb",
    "cargo_crate_name" => "wasmtime_rb"
  }

  packaged = "{exe,ext,lib,sig,docs}/**/*"
  top = %w[Cargo.toml Cargo.lock README.md CHANGELOG.md SECURITY.md LICENSE .yardopts]
  spec.files = Dir.chdir(__dir__) do
    # Git leaves out what a build left in ext/ and lib/; without it (a source archive) the folders are taken as they are.
    tracked = File.exist?(".git") ? IO.popen(%w[git ls-files -z], err: File::NULL) { |io| io.read.split("\0") } : []
    tracked = Dir.glob([packaged, *top]) if tracked.empty?
    tracked.select { |path| File.file?(path) && (top.include?(path) || File.fnmatch?(packaged, path, File::FNM_EXTGLOB | File::FNM_PATHNAME)) }
           .grep_v(%r{\.(so|bundle|o)\z|/target/|/Makefile\z})
           .sort
  rescue Errno::ENOENT
    Dir.glob([packaged, *top]).select { |path| File.file?(path) }.grep_v(%r{\.(so|bundle|o)\z|/target/|/Makefile\z}).sort
  end
  spec.bindir = "exe"
  spec.executables = ["wasmtime-rb"]
  spec.require_paths = ["lib"]
  spec.extensions = ["ext/wasmtime_rb/extconf.rb"]
  spec.extra_rdoc_files = %w[README.md CHANGELOG.md SECURITY.md LICENSE]
end
