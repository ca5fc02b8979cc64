# frozen_string_literal: true

require "tmpdir"

# Programs for WASI preview 1 that the WASI specs run: written in C in spec/guests/, compiled here, never committed.
WASI_SYSROOT = ENV.fetch("WASI_SYSROOT", "/usr")
GUESTS = {
  "probe" => { sources: "probe/*.c" },
  "reactor" => { sources: "reactor.c", flags: %w[-mexec-model=reactor -Wl,--export=malloc -Wl,--export=free] },
  "host" => { sources: "host.c" },
  "host_reactor" => { sources: "host.c", flags: %w[-mexec-model=reactor -Wl,--export=run -Wl,--export=quit] }
}.freeze

# What a C compiler for WASI consists of, each with the Debian package that brings it.
def missing_for_guests
  return { "clang" => "clang" } unless system("clang", "--version", out: File::NULL, err: File::NULL)

  major, linker, builtins = ["-dumpversion", "-print-prog-name=wasm-ld", "-print-libgcc-file-name"].map do |query|
    IO.popen(["clang", "--target=wasm32-wasi", query], err: File::NULL, &:read).chomp
  end
  libc = %w[include/wasm32-wasi/stdio.h lib/wasm32-wasi/crt1-command.o].map { |path| File.join(WASI_SYSROOT, path) }
  found = {
    "wasm-ld" => ["lld", File.executable?(linker)],
    "wasi-libc" => ["wasi-libc", libc.all? { |path| File.file?(path) }],
    "compiler-rt for wasm32" => ["libclang-rt-#{major.to_i}-dev-wasm32", File.file?(builtins)]
  }
  found.reject { |_name, (_package, there)| there }.transform_values(&:first)
end

# Without -nostdlibinc a header that wasi-libc lacks would be taken from the host's C library.
def compile_guest(output, sources, flags)
  missing = missing_for_guests
  unless missing.empty?
    abort "guests: compiling them needs #{missing.keys.join(', ')} (Debian: #{missing.values.join(' ')}; bin/setup installs what is missing)."
  end

  mkdir_p File.dirname(output), verbose: false
  sh "clang", "--target=wasm32-wasi", "--sysroot=#{WASI_SYSROOT}", "-nostdlibinc", "-isystem", "#{WASI_SYSROOT}/include/wasm32-wasi",
     "-D_GNU_SOURCE", "-Os", "-Wall", "-Wextra", "-Wl,--strip-debug", *flags, "-o", output, *sources, verbose: false
end

guests = GUESTS.map do |name, guest|
  sources = FileList["spec/guests/#{guest[:sources]}"]
  headers = FileList["#{File.dirname(sources.first)}/*.h"]
  file "fixtures/guests/#{name}.wasm" => [*sources, *headers, __FILE__] do |task|
    compile_guest(task.name, sources, guest.fetch(:flags, []))
  end
end

# A component of a core module in WAT, and of WIT that says what that imports and exports.
def build_component_guest(output, world, code)
  tool = "fixtures/wasm-tools"
  Dir.mktmpdir do |folder|
    mkdir_p File.join(folder, "deps"), verbose: false
    cp world, folder, verbose: false
    Dir["fixtures/jco/package/lib/wit/builtin/0.2.12/*"].each { |package| cp_r package, File.join(folder, "deps"), verbose: false }
    core = File.join(folder, "core.wasm")
    sh tool, "component", "embed", folder, code, "--world", "guest", "-o", core, verbose: false
    sh tool, "component", "new", core, "-o", output, verbose: false
  end
end

components = %w[http tcp].map do |name|
  sources = %w[world.wit guest.wat].map { |source| "spec/guests/#{name}/#{source}" }
  file "fixtures/guests/#{name}.wasm" => [*sources, __FILE__] do |task|
    Rake::Task[:fixtures].invoke
    mkdir_p File.dirname(task.name), verbose: false
    build_component_guest(task.name, *sources)
  end
end

# The probe as a component: what is true of preview 1 has to be true of preview 2.
file "fixtures/guests/probe_component.wasm" => ["fixtures/guests/probe.wasm", __FILE__] do |task|
  Rake::Task[:fixtures].invoke
  adapter = "wasi_snapshot_preview1=fixtures/jco/package/lib/wasi_snapshot_preview1.command.wasm"
  sh "fixtures/wasm-tools", "component", "new", task.prerequisites.first, "--adapt", adapter, "-o", task.name, verbose: false
end

desc "Compile the WASI programs of spec/guests/ into fixtures/guests/ (clang, wasi-libc; wasm-tools of rake fixtures)"
task guests: [*guests, *components, "fixtures/guests/probe_component.wasm"]
