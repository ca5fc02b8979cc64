# frozen_string_literal: true

module Wasmtime
  # The type of a memory. Sizes are in pages.
  #
  # @example
  #   Wasmtime::MemoryType.new(1, 2).to_s # => "(memory 1 2)"
  class MemoryType
    include ExternType

    # @return [Integer] pages at the start
    attr_reader :min_size
    # @return [Integer, nil] pages at most
    attr_reader :max_size
    # @return [Integer] bytes a page
    attr_reader :page_size

    # @api private
    def self._from_desc(desc)
      _kind, min, max, is64, shared, log2 = desc
      new(min, max, memory64: is64, shared: shared, page_size: 1 << log2)
    end

    # The exponent of a page size, as C has it.
    # @api private
    def self._page_size_log2(page_size)
      { 1 => 0, 65_536 => 16 }.fetch(page_size) { raise ArgumentError, "page_size: expected 65536 or 1, got #{page_size.inspect}" }
    end

    # @param min_size [Integer] pages at the start
    # @param max_size [Integer, nil] pages at most; nil for no maximum
    # @param memory64 [Boolean] whether addresses have 64 bits
    # @param shared [Boolean] whether threads share it
    # @param page_size [Integer] bytes a page: 65536 or 1
    # @return [void]
    # @raise [ArgumentError] for limits that contradict each other
    # @raise [TypeError] for what is no Integer
    def initialize(min_size, max_size = nil, memory64: false, shared: false, page_size: 65_536)
      @min_size, @max_size = _limits(min_size, max_size)
      MemoryType._page_size_log2(page_size)

      @memory64 = memory64 ? true : false
      @shared = shared ? true : false
      @page_size = page_size
      freeze
    end

    # @return [Boolean] whether addresses have 64 bits
    def memory64?
      @memory64
    end

    # @return [Boolean] whether threads share it
    def shared?
      @shared
    end

    # @return [String] as in the text format
    def to_s
      parts = ["memory", ("i64" if @memory64), min_size, max_size, ("shared" if @shared)]
      parts << "(pagesize #{page_size})" unless page_size == 65_536
      "(#{parts.compact.join(' ')})"
    end

    # @api private
    def _state
      { min_size: min_size, max_size: max_size, memory64: @memory64, shared: @shared, page_size: page_size }
    end
  end
end
