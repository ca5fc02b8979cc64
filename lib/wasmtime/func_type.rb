# frozen_string_literal: true

module Wasmtime
  # The type of a function.
  #
  # @example
  #   Wasmtime::FuncType.new([:i32, :i32], [:i32]).to_s # => "(func (param i32 i32) (result i32))"
  class FuncType
    include ExternType

    # @return [Array<Symbol, ValType>] parameter types; frozen
    attr_reader :params
    # @return [Array<Symbol, ValType>] result types; frozen
    attr_reader :results

    # @api private
    def self._from_desc(desc)
      new(*desc.last(2).map { |types| types.map { |type| ValType._public(type) } })
    end

    # @param params [Array<Symbol, ValType>]
    # @param results [Array<Symbol, ValType>]
    # @return [void]
    # @raise [ArgumentError] for a type that does not exist
    def initialize(params, results)
      @params = Wasmtime._array(params).map { |type| ValType._given(type) }.freeze
      @results = Wasmtime._array(results).map { |type| ValType._given(type) }.freeze
      freeze
    end

    # @return [String] as in the text format
    def to_s
      parts = ["func"]
      parts << "(param #{params.join(' ')})" unless params.empty?
      parts << "(result #{results.join(' ')})" unless results.empty?
      "(#{parts.join(' ')})"
    end

    # For pattern matching.
    # @return [Array(Array, Array)] params and results
    def deconstruct
      [params, results]
    end

    # @api private
    def _state
      { params: params, results: results }
    end
  end
end
