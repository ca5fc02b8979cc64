# frozen_string_literal: true

module Wasmtime
  module CLI
    # Finds out which proposals a binary needs, by asking engines that lack one each: those that refuse it lack one it needs.
    # @api private
    module Features
      # Options of {Engine.new} and what the proposals are called.
      NAMES = {
        wasm_multi_value: "multi-value", wasm_bulk_memory: "bulk-memory", wasm_reference_types: "reference-types", wasm_simd: "simd",
        wasm_relaxed_simd: "relaxed-simd", wasm_threads: "threads", wasm_tail_call: "tail-call", wasm_multi_memory: "multi-memory",
        wasm_memory64: "memory64", wasm_function_references: "function-references", wasm_gc: "gc", wasm_exceptions: "exception-handling",
        wasm_wide_arithmetic: "wide-arithmetic", wasm_custom_page_sizes: "custom-page-sizes", wasm_stack_switching: "stack-switching"
      }.freeze
      # Proposals an engine cannot have without another.
      TOGETHER = { wasm_simd: [:wasm_relaxed_simd] }.freeze
      ALL = NAMES.transform_values { true }.merge(shared_memory: true).freeze

      # For code that is never run: what compiles fastest.
      QUICK = {
        cranelift_opt_level: :none, cranelift_regalloc_algorithm: :single_pass, interruptible: false, native_unwind_info: false,
        generate_address_map: false
      }.freeze

      module_function

      # @return [Engine] one that has every proposal, for code that is never run
      def engine
        Engine.new(**ALL, **QUICK, wasm_component_model_map: true)
      end

      # @param modules [Array<String>] binaries of core modules
      # @return [Array<String>] the proposals that one or another of them needs
      # @raise [CompileError] when one is invalid
      def needed(modules)
        complete = engine
        modules.each { |bytes| Module.validate(complete, bytes) }
        NAMES.filter_map { |option, name| name unless all_valid?(without(option), modules) }
      end

      # @param modules [Array<String>] binaries of core modules
      # @param component [String, nil] the component they are in
      # @return [String, nil] why the default engine refuses one of them
      def refusal(modules, component)
        modules.each { |bytes| Module.validate(Engine.default, bytes) }
        Component::Component.new(Engine.new(**QUICK), component) if component
        nil
      rescue CompileError => e
        e.message
      end

      def without(option)
        off = [option, *TOGETHER[option]].to_h { |name| [name, false] }
        Engine.new(**ALL, **off)
      end

      def all_valid?(engine, modules)
        modules.each { |bytes| Module.validate(engine, bytes) }
        true
      rescue CompileError
        false
      end
    end
    private_constant :Features
  end
end
