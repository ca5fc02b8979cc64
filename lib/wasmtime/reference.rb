# frozen_string_literal: true

module Wasmtime
  # A reference to an object in a guest's heap: a {StructRef}, {ArrayRef}, {ExnRef}, {AnyRef} or {ExternRef}. While Ruby holds one, the guest's
  # collector keeps what it points to; a null is nil, and a number (`i31ref`) is an Integer.
  #
  # @example
  #   point = instance.invoke("make_point", 1, 2) # => #<Wasmtime::StructRef (struct (field i32) (field i32))>
  #   point == instance.invoke("same", point)     # => true
  class Reference
    # @!method store
    #   @return [Store] the store it belongs to
    # @!method ==(other)
    #   @param other [Object]
    #   @return [Boolean] whether both point to the same object, as `ref.eq` tells it. `eql?` and `hash` are about the Ruby objects
    #   @raise [StoreClosedError] after the store was closed

    # @return [StructType, ArrayType, ExnType, nil] the type of what it points to; nil for what has none of its own
    # @raise [StoreClosedError] after the store was closed
    def type
      _type
    end

    # Whether what it points to is of a type, as `ref.test` tells it.
    # @param type [HeapType, ValType, Symbol] such as a {StructType}, :eqref or :structref
    # @return [Boolean]
    # @raise [ArgumentError] for what names no reference type
    # @raise [StoreClosedError] after the store was closed
    def matches?(type)
      own = self.type
      type = type.type || type.kind if type.is_a?(ValType)
      return !!own&.subtype_of?(type) if type.is_a?(HeapType)

      _matches_abstract?(ValType.new(type))
    end

    # The reference itself when it {#matches?} a type, as `ref.cast` does it.
    # @param type [HeapType, ValType, Symbol]
    # @return [Reference]
    # @raise [ConversionError] when it is of another type
    # @raise [ArgumentError] for what names no reference type
    # @raise [StoreClosedError] after the store was closed
    def cast(type)
      return self if matches?(type)

      raise ConversionError, "cannot cast #{inspect} to #{type.is_a?(Symbol) ? type.inspect : type}"
    end

    # @return [String] what it is, to be read by people
    def inspect
      "#<#{self.class} #{type}>".sub(" >", ">")
    rescue Error => e
      "#<#{self.class} (#{e.class.name.split('::').last})>"
    end

    private

    def _matches_abstract?(type)
      raise ArgumentError, "expected a reference type, got #{type}" unless type.reference?

      self.class::HEAP_TYPES.include?(type.kind)
    end
  end
end
