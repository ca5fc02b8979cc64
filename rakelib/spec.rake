# frozen_string_literal: true

require "rspec/core/rake_task"

desc "Run the specs in random order (SPEC=path for one file)"
RSpec::Core::RakeTask.new(spec: :compile)

namespace :spec do
  desc "Run the unit specs with every call checked against sig/"
  RSpec::Core::RakeTask.new(types: :compile) do |task|
    task.pattern = "spec/wasmtime/**/*_spec.rb"
    task.rspec_opts = "--require ./spec/types_setup --tag ~untyped"
  end

  desc "Run the unit and hazard specs while Ruby's GC does its worst (LEVEL=stress, compact or verify for one; FILES=spec files)"
  task gc: :compile do
    files = FileList[*ENV.fetch("FILES", "spec/wasmtime/**/*_spec.rb spec/hazards/{gc,control_flow,input,limits,memory,threads}_spec.rb").split]
    levels = ENV.fetch("LEVEL", "stress compact verify").split
    # Each example of `verify` moves the whole heap, twice as large.
    levels.each { |level| sh({ "WASMTIME_RB_GC" => level }, FileUtils::RUBY, "-S", "rspec", *files) }
  end

  desc "Run specs under valgrind, reporting invalid accesses (MEMCHECK=spec files)"
  task memcheck: :compile do
    files = FileList[ENV.fetch("MEMCHECK", "spec/wasmtime/{memory,func,store}_spec.rb")]
    abort "valgrind is needed by spec:memcheck (Debian package valgrind)." unless system("valgrind", "--version", out: File::NULL)

    # Ruby's collector reads stack words that nothing wrote, by design: only invalid accesses count. Wasm needs room and its own signals.
    sh "valgrind", "--error-exitcode=99", "--undef-value-errors=no", "--leak-check=no", "--max-stackframe=16777216", "--main-stacksize=16777216",
       "--vex-guest-max-insns=25", "--smc-check=all-non-file", "--trace-children=no",
       FileUtils::RUBY, "-S", "rspec", *files
  end
end
