# frozen_string_literal: true

require_relative "vector_literal"

module Conformance
  # What `(ref.extern N)` and `(ref.host N)` stand for: an object of the host, the same for the same number.
  HostRef = Struct.new(:number) do
    def initialize(number)
      super
      freeze
    end
  end

  # An argument of a script as the value Ruby passes to WebAssembly.
  class Constant
    # @param store [Wasmtime::Store]
    def initialize(store)
      @store = store
    end

    # @param list [List]
    # @return [Object]
    # @raise [Malformed]
    def value(list)
      word = list.items[1]
      case list.head
      when "i32.const" then IntLiteral.parse(word.text, 32)
      when "i64.const" then IntLiteral.parse(word.text, 64)
      when "f32.const" then Wasmtime::FloatBits.f32(FloatLiteral::F32.bits(word.text))
      when "f64.const" then Wasmtime::FloatBits.f64(FloatLiteral::F64.bits(word.text))
      when "v128.const" then Wasmtime::V128.new(VectorLiteral.new(list.rest).bytes)
      else reference(list.head, word)
      end
    end

    private

    def reference(head, word)
      case head
      when "ref.null" then nil
      when "ref.extern" then HostRef.new(IntLiteral.parse(word.text, 32))
      when "ref.host" then Wasmtime::AnyRef.from_extern(@store, HostRef.new(IntLiteral.parse(word.text, 32)))
      else raise Malformed, "#{head.inspect} is no constant"
      end
    end
  end
end
