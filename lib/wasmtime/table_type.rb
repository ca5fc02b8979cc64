# frozen_string_literal: true

module Wasmtime
  # The type of a table. Sizes are in elements.
  #
  # @example
  #   Wasmtime::TableType.new(:funcref, 1, 10).to_s # => "(table 1 10 funcref)"
  class TableType
    include ExternType

    # @return [Symbol, ValType] the element type
    attr_reader :type
    # @return [Integer] elements at the start
    attr_reader :min_size
    # @return [Integer, nil] elements at most
    attr_reader :max_size

    # @api private
    def self._from_desc(desc)
      _kind, element, min, max, is64 = desc
      new(ValType._public(element), min, max, table64: is64)
    end

    # @param type [Symbol, ValType] a reference type
    # @param min_size [Integer] elements at the start
    # @param max_size [Integer, nil] elements at most; nil for no maximum
    # @param table64 [Boolean] whether indexes have 64 bits
    # @return [void]
    # @raise [ArgumentError] for a type that is no reference, or limits that contradict each other
    # @raise [TypeError] for what is no Integer
    def initialize(type, min_size, max_size = nil, table64: false)
      @type = ValType._given(type)
      raise ArgumentError, "a table holds references, not #{type}" if ValType::NUMBERS.include?(@type)

      @min_size, @max_size = _limits(min_size, max_size)
      @table64 = table64 ? true : false
      freeze
    end

    # @return [Boolean] whether indexes have 64 bits
    def table64?
      @table64
    end

    # @return [String] as in the text format
    def to_s
      "(#{['table', ('i64' if @table64), min_size, max_size, type].compact.join(' ')})"
    end

    # @api private
    def _state
      { type: type, min_size: min_size, max_size: max_size, table64: @table64 }
    end
  end
end
