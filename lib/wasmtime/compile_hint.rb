# frozen_string_literal: true

module Wasmtime
  # What to do about a compile error.
  # @api private
  module CompileHint
    # Words of Wasmtime's validator, and the engine option that turns the feature on.
    OPTIONS = {
      /threads (support|must be enabled)|shared memor|atomic.*threads|threads proposal/i => :wasm_threads,
      /relaxed SIMD/i => :wasm_relaxed_simd,
      /\bSIMD\b/i => :wasm_simd,
      /exceptions? (proposal|support|must)|legacy exceptions|exception refs|exceptions/i => :wasm_exceptions,
      /multi-memory|multiple memories|multi memory/i => :wasm_multi_memory,
      /memory64|64-bit memories|64-bit tables/i => :wasm_memory64,
      /tail calls/i => :wasm_tail_call,
      /function references/i => :wasm_function_references,
      /reference types|reference-types/i => :wasm_reference_types,
      /\bgc\b (proposal|support|types)|indexed reference types|heap types not supported without the gc feature|gc feature/i => :wasm_gc,
      /bulk memory/i => :wasm_bulk_memory,
      /multi-value|multiple values|func type returns multiple/i => :wasm_multi_value,
      /custom page sizes/i => :wasm_custom_page_sizes,
      /wide[ -]arithmetic/i => :wasm_wide_arithmetic,
      /stack switching/i => :wasm_stack_switching
    }.freeze
    # Words that say a feature is off.
    OFF = /not enabled|must be enabled|not supported|is disabled|without|requires?|required|not allowed|multiple memories/i

    module_function

    # @return [String, nil]
    def for(message, bytes)
      return "this is a component: use Wasmtime::Component::Component" if component?(bytes)
      return unless message.match?(OFF)

      option = OPTIONS.find { |words, _| message.match?(words) }&.last
      option && "turn it on with Wasmtime::Engine.new(#{option}: true)"
    end

    # The version field of a component binary says layer 1; in the text format the first word says it.
    def component?(bytes)
      head = bytes.byteslice(0, 8).b
      return head.byteslice(6, 2) == "\x01\x00".b if head.start_with?("\0asm".b)

      bytes.b.match?(/\A(?:\s|;;[^\n]*\n)*\(component\b/n)
    end
  end
  private_constant :CompileHint
end
