# frozen_string_literal: true

module Wasmtime
  # The type of an exception tag.
  class TagType
    include ExternType

    # @return [Array<Symbol, ValType>] the types of the payload; frozen
    attr_reader :params

    # @api private
    def self._from_desc(desc)
      new(desc.last.map { |type| ValType._public(type) })
    end

    # @param params [Array<Symbol, ValType>]
    # @return [void]
    # @raise [ArgumentError] for a type that does not exist
    def initialize(params)
      @params = Wasmtime._array(params).map { |type| ValType._given(type) }.freeze
      freeze
    end

    # @return [String] as in the text format
    def to_s
      params.empty? ? "(tag)" : "(tag (param #{params.join(' ')}))"
    end

    # @api private
    def _state
      { params: params }
    end
  end
end
