# frozen_string_literal: true

require_relative "constant"
require_relative "result"

module Conformance
  # What a script says a reference is.
  module ReferenceExpectation
    # Those that any reference of a kind meets when it is not null. An i31 reference is an Integer in Ruby.
    PATTERNS = {
      "ref.func" => ->(result) { result.top == :func },
      "ref.any" => ->(result) { result.top == :any },
      "ref.eq" => ->(result) { result.top == :any && [Integer, Wasmtime::EqRef].any? { |kind| result.value.is_a?(kind) } },
      "ref.i31" => ->(result) { result.top == :any && result.value.is_a?(Integer) },
      "ref.struct" => ->(result) { result.value.is_a?(Wasmtime::StructRef) },
      "ref.array" => ->(result) { result.value.is_a?(Wasmtime::ArrayRef) },
      "ref.exn" => ->(result) { result.value.is_a?(Wasmtime::ExnRef) },
      "ref.extern" => ->(result) { result.top == :extern }
    }.freeze

    module_function

    # @return [Boolean]
    # @raise [Malformed]
    def match?(list, result)
      word = list.items[1]
      case list.head
      when "ref.null" then result.null? && same_hierarchy?(word, result)
      when "ref.host" then result.value.is_a?(Wasmtime::AnyRef) && result.value.to_extern == host(word)
      else pattern?(list.head, word, result)
      end
    end

    # The index in `(ref.func 0)` is not compared: no API tells which function of its module a reference points to.
    def pattern?(head, word, result)
      pattern = PATTERNS[head] || raise(Malformed, "#{head.inspect} is no result")
      return false if result.null? || !pattern.call(result)

      head == "ref.extern" && word ? result.value == host(word) : true
    end

    # Which null it is cannot be told within a hierarchy, and a module's own types cannot be looked up by their index.
    def same_hierarchy?(word, result)
      top = word && Result::TOPS[word.text.to_sym]
      top.nil? || top == result.top
    end

    def host(word)
      HostRef.new(IntLiteral.parse(word.text, 32))
    end
  end
end
