# frozen_string_literal: true

module Wasmtime
  # A type with an identity, of one engine: a {StructType}, an {ArrayType}, an {ExnType}, or a function type that references can name. Frozen
  # and shareable between Ractors.
  class HeapType
    class << self
      private :_struct, :_array, :_exn
    end

    # @!method hash
    #   @return [Integer] the same for equal ones

    # @param other [Object]
    # @return [Boolean] whether it is the same type of the same engine
    def ==(other)
      subtype_of?(other) && other.subtype_of?(self)
    end
    alias eql? ==

    # @param other [Object]
    # @return [Boolean] whether it is the other type, or declared below it; false for a type of another engine
    def subtype_of?(other)
      _subtype?(other)
    end

    # @param nullable [Boolean] whether the reference may be null
    # @return [ValType] the type of references to it
    def to_val_type(nullable: true)
      ValType.new(self, nullable: nullable)
    end

    # As a type of values: a nullable reference to it.
    # @api private
    def _desc
      to_val_type._desc
    end

    # @return [String] as in the text format
    def to_s
      FuncType.new(_params, _results).to_s
    end

    # @return [String] what it is, to be read by people
    def inspect
      "#<#{self.class} #{self}>"
    end
  end
end
