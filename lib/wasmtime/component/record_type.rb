# frozen_string_literal: true

module Wasmtime
  module Component
    # `record`: a Hash with String keys; what has the fields is accepted too.
    #
    # @example
    #   Wasmtime::Component::RecordType.new(x: :s32, y: :s32).to_s # => "record { x: s32, y: s32 }"
    class RecordType
      include Type
      include BracedType

      # @return [Hash{String => Symbol, Type}] the types of its fields; frozen
      attr_reader :fields

      # @param fields [Hash{String, Symbol => Symbol, Type}] the types of its fields, in order
      # @return [void]
      # @raise [ArgumentError] for a type that does not exist
      # @raise [TypeError] for what is no type of values
      def initialize(fields)
        @fields = Type._members(fields) { |type| Type._value(type) }
        _seal
      end

      # @api private
      def _state
        { fields: fields }
      end

      # @api private
      def _keyword
        "record"
      end

      # @api private
      def _lines(wit)
        fields.map { |name, type| "#{Wit.id(name)}: #{wit.type(type)}" }
      end
    end
  end
end
