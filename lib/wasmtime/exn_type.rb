# frozen_string_literal: true

module Wasmtime
  # The type of exceptions: what they carry.
  #
  # @example
  #   Wasmtime::ExnType.new(engine, [:i32]).to_s # => "(exn i32)"
  class ExnType < HeapType
    class << self
      # @param engine [Engine]
      # @param params [Array<Symbol, ValType, HeapType>] the types of the payload
      # @return [ExnType]
      # @raise [ArgumentError] for a type that does not exist, or of another engine
      # @raise [Error] for an engine without `gc_support`
      def new(engine, params)
        _exn(engine, Wasmtime._array(params).map { |type| ValType._given(type) })
      end
    end

    # @return [Array<Symbol, ValType>] the types of the payload
    def params
      _params.freeze
    end

    # @return [TagType] the type of tags for such exceptions
    def tag_type
      TagType.new(params)
    end

    # @return [String] as in the text format
    def to_s
      "(exn#{params.map { |type| " #{type}" }.join})"
    end

    # For pattern matching.
    # @param _keys [Array<Symbol>, nil]
    # @return [Hash{Symbol => Object}]
    def deconstruct_keys(_keys)
      { params: params }
    end
  end
end
