# frozen_string_literal: true

module Wasmtime
  # Finds and loads the native extension, and explains itself when that fails.
  # @api private
  module NativeLoader
    MINOR = RUBY_VERSION[/\d+\.\d+/]
    NAME = "wasmtime_rb.#{RbConfig::CONFIG['DLEXT']}".freeze

    module_function

    # Precompiled gems carry one extension per Ruby minor version; a gem built from source carries one in all.
    def call(folders = self.folders)
      refuse_other_gem
      candidates = folders.flat_map { |folder| [File.join(folder, MINOR, NAME), File.join(folder, NAME)] }
      found = candidates.select { |path| File.file?(path) }
      load_first(found.empty? ? candidates.last(1) : found)
    end

    # RubyGems may keep extensions apart from lib/ (`install_extension_in_lib: false`).
    def folders
      extension_dir = Gem.loaded_specs["wasmtime-rb"]&.extension_dir if defined?(Gem)
      [__dir__, extension_dir && File.join(extension_dir, "wasmtime")].compact
    end

    def load_first(paths)
      first_error = nil
      paths.each do |path|
        return require(path)
      rescue LoadError => e
        first_error ||= e
      end
      raise LoadError, message(first_error, missing: !File.file?(paths.first)), cause: first_error
    end

    def refuse_other_gem
      return unless defined?(Gem) && Gem.loaded_specs.key?("wasmtime")

      raise LoadError, "the gems wasmtime and wasmtime-rb both define the Wasmtime module and cannot share a process: " \
                       "keep only one of them in the Gemfile"
    end

    def message(error, missing:)
      trouble = missing ? "was not found" : "could not be loaded (#{error.message.lines.first&.strip})"
      "the native extension of wasmtime-rb #{trouble} on #{RUBY_PLATFORM} with Ruby #{RUBY_VERSION}: " \
        "build it for this Ruby with `gem pristine wasmtime-rb` (or `rake compile` in a checkout)"
    end
  end
  private_constant :NativeLoader

  NativeLoader.call
end
