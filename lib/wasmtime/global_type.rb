# frozen_string_literal: true

module Wasmtime
  # The type of a global.
  #
  # @example
  #   Wasmtime::GlobalType.new(:i32, mutable: true).to_s # => "(global (mut i32))"
  class GlobalType
    include ExternType

    # @return [Symbol, ValType] the type of the value
    attr_reader :type

    # @api private
    def self._from_desc(desc)
      new(ValType._public(desc[1]), mutable: desc[2])
    end

    # @param type [Symbol, ValType]
    # @param mutable [Boolean] whether it can be set
    # @return [void]
    # @raise [ArgumentError] for a type that does not exist
    def initialize(type, mutable: false)
      @type = ValType._given(type)
      @mutable = mutable ? true : false
      freeze
    end

    # @return [Boolean] whether it can be set
    def var?
      @mutable
    end

    # @return [Boolean] whether it cannot be set
    def const?
      !@mutable
    end

    # @return [String] as in the text format
    def to_s
      @mutable ? "(global (mut #{type}))" : "(global #{type})"
    end

    # @api private
    def _state
      { type: type, mutable: @mutable }
    end
  end
end
