# frozen_string_literal: true

require "digest"
require "tmpdir"
require "yaml"

SLUG = "plugins/slug/slug.wasm"
REDACT = "plugins/redact/redact.wasm"

desc "Compile and fetch the plugins' WebAssembly"
task plugins: [SLUG, REDACT]

# Debian: clang, lld, wasi-libc and libclang-rt-14-dev-wasm32. -nostdlibinc keeps the headers of the host's C library out.
file SLUG => SLUG.sub(/wasm\z/, "c") do |task|
  sysroot = ENV.fetch("WASI_SYSROOT", "/usr")
  sh "clang", "--target=wasm32-wasi", "--sysroot=#{sysroot}", "-nostdlibinc", "-isystem", "#{sysroot}/include/wasm32-wasi", "-mexec-model=reactor",
     "-Os", "-Wall", "-Wextra", "-Wl,--strip-all", "-o", task.name, task.prerequisites.first
end

# Of PyPI; the manifest says what its sha256 has to be.
file REDACT => REDACT.sub(/redact\.wasm\z/, "plugin.yml") do |task|
  bytes = fetched_redactor
  wanted = YAML.safe_load_file(task.prerequisites.first).fetch("sha256")
  abort "#{task.name}: what was fetched has another sha256 than #{task.prerequisites.first} says" unless Digest::SHA256.hexdigest(bytes) == wanted
  File.binwrite(task.name, bytes)
end

def fetched_redactor
  shared = "../../fixtures/pii_shield.wasm" # `rake fixtures` of wasmtime-rb itself
  return File.binread(shared) if File.file?(shared)

  Dir.mktmpdir do |folder|
    sh "python3", "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "--dest", folder, "pii-shield-wasi==2.3.1"
    sh "python3", "-m", "zipfile", "-e", *Dir["#{folder}/*.whl"], folder
    File.binread("#{folder}/pii_shield/pii-shield-wasi.wasm")
  end
end
