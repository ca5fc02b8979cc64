# frozen_string_literal: true

require "rake"
require "rake/tasklib"
require_relative "../wasmtime"

module Wasmtime
  # Rake tasks: `require "wasmtime/tasks"` in a Rakefile.
  #
  # @example In a Dockerfile, so that no container compiles when it starts
  #   RUN rake "wasmtime:precompile[plugins/*.wasm]"
  class Tasks < Rake::TaskLib
    # Defines `wasmtime:precompile`.
    # @return [Tasks]
    def initialize
      super
      namespace :wasmtime do
        desc "Compile WebAssembly files into Wasmtime.cache_dir, or CACHE_DIR (wasmtime:precompile[a.wasm,plugins/*.wasm])"
        task :precompile, [:files] do |_task, arguments|
          precompile(arguments.to_a, ENV.fetch("CACHE_DIR") { Wasmtime.cache_dir })
        end
      end
    end

    private

    def precompile(patterns, folder)
      abort "wasmtime:precompile: name the files, as in rake 'wasmtime:precompile[a.wasm,plugins/*.wasm]'" if patterns.empty?
      abort "wasmtime:precompile: there is no folder for compiled code, set Wasmtime.cache_dir or CACHE_DIR" unless folder

      patterns.each do |pattern|
        files = Dir.glob(pattern)
        abort "wasmtime:precompile: no file matches #{pattern}" if files.empty?
        files.each { |file| puts "#{file}: #{Cache.precompile(file, Engine.default, folder) ? 'compiled' : 'was compiled'}" }
      end
    rescue Error => e
      abort "wasmtime:precompile: #{e.message}"
    end
  end
end

Wasmtime::Tasks.new
