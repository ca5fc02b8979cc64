# frozen_string_literal: true

module Wasmtime
  module Component
    # `flags`: any of several names; an Array of Strings.
    class FlagsType
      include Type
      include BracedType

      # @return [Array<String>] its names, in order; frozen
      attr_reader :names

      # @param names [Array<String, Symbol>] its names, in order
      # @return [void]
      # @raise [TypeError] for what is no name
      def initialize(names)
        @names = Type._names(names)
        _seal
      end

      # @api private
      def _state
        { names: names }
      end

      # @api private
      def _keyword
        "flags"
      end

      # @api private
      def _lines(_wit)
        names.map { |name| Wit.id(name) }
      end
    end
  end
end
