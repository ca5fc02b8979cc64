# frozen_string_literal: true

require_relative "wast/file_options"

module Conformance
  # The options of the engine a file runs in: what its suite is about, what its own lines say, and the compiler.
  module EngineOptions
    COMPILERS = { "cranelift" => { strategy: :cranelift }, "winch" => { strategy: :winch }, "pulley" => { target: "pulley64" } }.freeze
    # Proposals that came after a version: its scripts call modules invalid that use them.
    AFTER_V2 = %i[multi_memory memory64 tail_call function_references gc exceptions relaxed_simd].to_h { |name| [name, false] }.freeze
    AFTER_V1 = AFTER_V2.merge(%i[multi_value bulk_memory reference_types simd].to_h { |name| [name, false] }).freeze
    VERSIONS = %w[wasm-v1 wasm-v2 wasm-v3 wasm-latest].freeze
    # By the folder of the official suite that a file lies in: each proposal was written on top of what was there at its time. Nothing is said
    # about what an engine supports by itself, so that each compiler does what it can.
    SUITES = {
      "wasm-v1" => AFTER_V1, "wasm-v2" => AFTER_V2,
      "custom-page-sizes" => { custom_page_sizes: true }, "function-references" => { multi_memory: false },
      "memory64" => { multi_memory: false }, "multi-value" => AFTER_V2, "mutable-global" => AFTER_V1, "reference-types" => AFTER_V2,
      "threads" => AFTER_V1.merge(threads: true), "wide-arithmetic" => { wide_arithmetic: true }
    }.freeze

    module_function

    # @param path [String] of the file
    # @param own [Hash{Symbol => Boolean}] what its lines say
    # @param compiler [String] one of {COMPILERS}
    # @return [Hash{Symbol => Object}] for Wasmtime::Engine.new
    def for(path, own, compiler)
      FileOptions.engine(suite(path).merge(FileOptions.complete(own))).merge(COMPILERS.fetch(compiler))
    end

    def suite(path)
      parent, folder = File.dirname(File.expand_path(path)).split("/").last(2)
      official = parent == "proposals" || VERSIONS.include?(folder)
      official ? SUITES.fetch(folder, {}) : {}
    end
  end
end
