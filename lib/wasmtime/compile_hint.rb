# frozen_string_literal: true

module Wasmtime
  # What to do about a compile error.
  # @api private
  module CompileHint
    # What Wasmtime's validator says when a feature is off, and the engine option that turns it on. Names in a module may hold any words, so
    # these are its sentences, not single words.
    OPTIONS = {
      /gc types are disallowed/ => :gc_support,
      /\bthreads (support is not|must be) enabled/ => :wasm_threads,
      /relaxed SIMD support is not enabled/ => :wasm_relaxed_simd,
      /SIMD support is not enabled/ => :wasm_simd,
      /(?<!legacy )exceptions (support is|proposal) not enabled|without the exception handling feature/ => :wasm_exceptions,
      /: multiple memories\b|\Amultiple memories\b/ => :wasm_multi_memory,
      /memory64 must be enabled/ => :wasm_memory64,
      /tail calls support is not enabled/ => :wasm_tail_call,
      /function references (support is not enabled|required)/ => :wasm_function_references,
      /reference types support is not enabled|: multiple tables\b|\Amultiple tables\b/ => :wasm_reference_types,
      /without the gc feature|when gc types are disabled|the GC proposal is disabled|(?<![\w-])gc support is not enabled/ => :wasm_gc,
      /requires `gc` proposal|gc proposal (must be|not)/ => :wasm_gc,
      /bulk memory (support is not|must be) enabled|require the bulk-memory proposal/ => :wasm_bulk_memory,
      /multi-value (feature )?is not enabled/ => :wasm_multi_value,
      /custom page sizes proposal must be enabled/ => :wasm_custom_page_sizes,
      /wide arithmetic support is not enabled/ => :wasm_wide_arithmetic,
      /stack switching (support is not enabled|is disabled|feature)|stack switching proposal not supported/ => :wasm_stack_switching
    }.freeze

    module_function

    # @return [String, nil]
    def for_component(message, bytes)
      return "this is a core module: use Wasmtime::Module" if core_module?(bytes)
      return turn_on(:wasm_component_model_map) if message.match?(/map type.*(not enabled|requires)|component model map/i)

      option(message)
    end

    # @return [String, nil]
    def for(message, bytes)
      return "this is a component: use Wasmtime::Component::Component" if component?(bytes)

      option(message)
    end

    def option(message)
      option = OPTIONS.find { |words, _| message.match?(words) }&.last
      option && turn_on(option)
    end

    def turn_on(option)
      "turn it on with Wasmtime::Engine.new(#{option}: true)"
    end

    def core_module?(bytes)
      head = bytes.byteslice(0, 8).b
      return head.byteslice(6, 2) == "\0\0".b if head.start_with?("\0asm".b)

      bytes.b.match?(/\A(?:\s|;;[^\n]*\n)*\(module\b/n)
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
