# frozen_string_literal: true

require "rake/extensiontask"

# WASMTIME_RB_PROFILE=dev compiles our own crate quickly and badly; its dependencies are the same in both profiles and compiled once.
# No gemspec is given: rake-compiler would copy every file of the gem to a staging folder at each run.
Rake::ExtensionTask.new("wasmtime_rb") do |extension|
  extension.lib_dir = "lib/wasmtime"
  # Cargo decides what to rebuild: `make install`, which always runs, asks it.
  extension.source_pattern = "Cargo.toml"
end

# The generated Makefile holds what extconf.rb found out.
Dir["tmp/*/wasmtime_rb/*/Makefile"].each do |makefile|
  newest = %w[ext/wasmtime_rb/extconf.rb ext/wasmtime_rb/build_requirements.rb].map { |path| File.mtime(path) }.max
  rm_f makefile, verbose: false if File.mtime(makefile) < newest
end

require "bundler/gem_tasks" if Gem::Specification.find_all_by_name("bundler").any?
