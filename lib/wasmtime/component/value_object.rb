# frozen_string_literal: true

module Wasmtime
  module Component
    # Frozen values that are equal when their parts are, which `deconstruct` gives.
    # @api private
    module ValueObject
      # @param other [Object]
      # @return [Boolean] whether it is of the same class and has equal parts
      def ==(other)
        other.instance_of?(self.class) && other.deconstruct == deconstruct
      end

      # @param other [Object]
      # @return [Boolean] as `==`, by `eql?`: 1 and 1.0 differ
      def eql?(other)
        other.instance_of?(self.class) && other.deconstruct.eql?(deconstruct)
      end

      # @return [Integer] the same for values that are `eql?`
      def hash
        [self.class, *deconstruct].hash
      end
    end
    private_constant :ValueObject
  end
end
