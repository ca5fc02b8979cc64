# frozen_string_literal: true

require_relative "float_literal"

module Conformance
  # A value WebAssembly returned, with the type it has there: Ruby's Integer alone may be an i32, an i64 or an i31 reference.
  Result = Struct.new(:value, :type)

  class Result
    # The tops of the hierarchies of heap types.
    TOPS = {
      func: :func, nofunc: :func, concrete_func: :func, extern: :extern, noextern: :extern, exn: :exn, noexn: :exn, concrete_exn: :exn,
      any: :any, eq: :any, i31: :any, struct: :any, array: :any, none: :any, concrete_struct: :any, concrete_array: :any
    }.freeze

    # @return [Symbol] the number type, or the heap type a reference points to
    def kind
      @kind ||= (type.is_a?(Wasmtime::ValType) ? type : Wasmtime::ValType.new(type)).kind
    end

    # @return [Symbol, nil] :func, :extern, :any or :exn; nil for what is no reference
    def top
      TOPS[kind]
    end

    # @return [Boolean] whether it is a null reference
    def null?
      value.nil? && !top.nil?
    end

    # @return [Integer] the bits of a float
    def bits
      kind == :f32 ? Wasmtime::FloatBits.f32_bits(value) : Wasmtime::FloatBits.f64_bits(value)
    end

    # @return [String] as a script would write it
    def to_s
      case kind
      when :i32, :i64 then "(#{kind}.const #{value})"
      when :f32 then format("(f32.const %s) with the bits 0x%08x", value, bits)
      when :f64 then format("(f64.const %s) with the bits 0x%016x", value, bits)
      when :v128 then "(v128.const i8x16 #{value.bytes.unpack('C*').map { |byte| format('0x%02x', byte) }.join(' ')})"
      else "(#{kind} #{null? ? 'null' : value.inspect})"
      end
    end
  end
end
