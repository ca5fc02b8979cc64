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

  desc "Run specs under valgrind: invalid accesses, and memory of ours that is lost (MEMCHECK=spec files)"
  task memcheck: :compile do
    require_relative "memcheck"
    abort "valgrind is needed by spec:memcheck (Debian package valgrind)." unless system("valgrind", "--version", out: File::NULL)

    all = "spec/wasmtime/{memory,func,store,instance,linker,global,table,tag,v128,struct_ref,array_ref,exn_ref,any_ref,extern_ref}_spec.rb " \
          "spec/wasmtime/component/{component,linker,instance,func,values,bytes,resources,host_resources,used_resources,host_results}_spec.rb"
    files = FileList[*ENV.fetch("MEMCHECK", all).split]
    mkdir_p "tmp", verbose: false
    log = "tmp/memcheck.log"
    sh "valgrind", *Memcheck::OPTIONS, "--log-file=#{log}", FileUtils::RUBY, "-S", "rspec", *files
    checked = Memcheck.new(File.read(log))
    abort "valgrind did not come to its end, see #{log}" unless checked.complete?
    complaints = checked.complaints
    abort [*complaints.first(10), "#{complaints.size} complaints of valgrind, all of them in #{log}"].join("\n\n") if complaints.any?
    puts "valgrind: no invalid access, nothing of ours lost"
  end
end
