# frozen_string_literal: true

require_relative "nodes"

module Conformance
  # The options a script asks for in its leading lines: `;;! gc = true`.
  class FileOptions
    LINE = /\A;;!\s*(?:(\w+)\s*=\s*(\w+)\s*)?(?:#.*)?\z/
    # Options of an engine under the names of the scripts, where these are not the option's without `wasm_`.
    ENGINE = {
      threads: %i[wasm_threads shared_memory], gc_types: %i[gc_support],
      nan_canonicalization: %i[cranelift_nan_canonicalization],
      # For engines that lay out their memory beforehand, which this one does not.
      hogs_memory: [],
      # About a runner, not about an engine.
      spec_test: [],
      # No option turns it off.
      extended_const: []
    }.freeze
    # Proposals no option turns on.
    NEVER = %i[
      shared_everything_threads legacy_exceptions custom_descriptors memory_control component_model_gc component_model_threading
      component_model_error_context component_model_fixed_length_lists component_model_implements
    ].freeze
    WASM = %i[
      gc memory64 multi_memory simd relaxed_simd relaxed_simd_deterministic reference_types tail_call function_references exceptions bulk_memory
      multi_value custom_page_sizes wide_arithmetic stack_switching branch_hinting component_model component_model_map component_model_async
      component_model_more_async_builtins component_model_async_stackful
    ].freeze
    KNOWN = (ENGINE.keys + WASM + NEVER).freeze
    # What each proposal is built on.
    NEEDS = { gc: :function_references, function_references: :reference_types, relaxed_simd: :simd }.freeze

    # @param source [String] of the script
    # @return [Hash{Symbol => Boolean}] in the order of the lines
    # @raise [Malformed]
    def self.read(source)
      lines = source.b.each_line(chomp: true).take_while { |line| line.strip.empty? || line.start_with?(";;") }
      lines.select { |line| line.start_with?(";;!") }.filter_map { |line| parse(line.strip) }.to_h
    end

    def self.parse(line)
      match = LINE.match(line) || raise(Malformed, "#{line.inspect} is no option")
      return unless match[1]

      [known(match[1].to_sym), switch(*match.captures)]
    end

    def self.known(name)
      KNOWN.include?(name) ? name : raise(Malformed, "#{name} is no option of the runner")
    end

    def self.switch(name, value)
      raise Malformed, "#{name}: #{value} is neither true nor false" unless %w[true false].include?(value)
      raise Malformed, "#{name}: Wasmtime has no option for it" if value == "true" && NEVER.include?(name.to_sym)

      value == "true"
    end
    private_class_method :parse, :known, :switch

    # @param options [Hash{Symbol => Boolean}] under the names of the scripts
    # @return [Hash{Symbol => Boolean}] for Wasmtime::Engine.new
    def self.engine(options)
      complete(options).each_with_object({}) do |(name, value), result|
        native = ENGINE.fetch(name) { NEVER.include?(name) ? [] : [:"wasm_#{name}"] }
        native.each { |option| result[option] = value }
      end
    end

    # With a proposal come those it is built on; without one go those that are built on it.
    # @return [Hash{Symbol => Boolean}]
    def self.complete(options)
      all = options.dup
      NEEDS.each { |name, base| all[base] = true if all[name] && !all.key?(base) }
      NEEDS.reverse_each { |name, base| all[name] = false if all[base] == false }
      all
    end
  end
end
