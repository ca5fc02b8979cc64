# frozen_string_literal: true

require "spec_helper"

RSpec.describe "wasmtime-rb doctor" do
  it "finds all well here, and shows what it looked at" do
    ran = program("doctor")
    expect(ran).to have_attributes(status: 0, stderr: "")
    expect(ran.stdout.lines).to match(
      [/^ok   ruby       ruby #{RUBY_VERSION} on #{RUBY_PLATFORM}$/, /^ok   gem        wasmtime-rb #{Wasmtime::VERSION} in /,
       %r{^ok   extension  Wasmtime #{Wasmtime::WASMTIME_VERSION}, /.*wasmtime_rb\.\w+ \(\d+ bytes\)$}, %r{^ok   cache      #{folder}/wasmtime-rb$},
       /^ok   stacks     fiber \d+ KiB, thread \d+ KiB, main thread (\d+ KiB|unlimited), guest 256 KiB/, /^ok   module     compiled, stored, loaded/,
       /^ok   component  compiled and run$/, /^ok   fiber      run on a fiber$/, /^ok   timeout    a loop was stopped$/, "all is well\n"]
    )
    expect(Dir.children("#{folder}/wasmtime-rb")).to eq([])
  end

  # A run that fails at one check, and what it says.
  def failed(check, complaint)
    have_attributes(status: 1, stderr: "", stdout: a_string_matching(/^FAIL #{check} .*#{complaint}/).and(a_string_ending_with("checks failed\n")))
  end

  it "finds a cache that others may write, and says what to do" do
    FileUtils.mkdir_p("#{folder}/wasmtime-rb")
    File.chmod(0o777, "#{folder}/wasmtime-rb")
    expect(program("doctor")).to failed("cache", /others may write it .*\(chmod go-w\)/)
  end

  it "finds a cache that cannot be written, and says what to do" do
    expect(program("doctor", env: { "XDG_CACHE_HOME" => write("file", "") })).to failed(
      "cache", /cannot be written, so each process compiles again: .*; make it writable, or set XDG_CACHE_HOME/
    )
  end

  it "takes a process without a home for what it is" do
    Wasmtime.cache_dir = false
    expect(cli("doctor")).to have_attributes(status: 0, stdout: a_string_matching(/^ok   cache +none, there is no home folder/))
  end

  it "finds fibers that are too small for a guest, and says what to do" do
    ran = program("doctor", env: { "RUBY_FIBER_MACHINE_STACK_SIZE" => (128 << 10).to_s })
    expect(ran).to failed("stacks", /a guest on a fiber needs 448 KiB, unset RUBY_FIBER_MACHINE_STACK_SIZE or make it larger/)
    expect(ran).to failed("fiber", /not enough native stack/)
    expect(ran.stdout).to end_with("2 of 9 checks failed\n")
  end

  it "finds guests that compute wrongly, or that nothing stops" do
    allow_any_instance_of(Wasmtime::Instance).to receive(:invoke).and_return(41)
    ran = cli("doctor")
    expect(ran).to failed("module", /the guest gave 41, expected 42/)
    expect(ran).to failed("timeout", /a loop ended by itself/)
  end

  it "takes no arguments" do
    expect(cli("doctor", "please")).to refused(2, 'doctor takes no arguments, got "please" (see wasmtime-rb doctor --help)')
  end
end
