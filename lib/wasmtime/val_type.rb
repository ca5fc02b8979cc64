# frozen_string_literal: true

module Wasmtime
  # A value type. Most are named by a Symbol wherever types are given or returned; a ValType stands for the others, such as `(ref func)`.
  #
  # @example
  #   Wasmtime::ValType.new(:i32).to_s                       # => "i32"
  #   Wasmtime::ValType.new(:func, nullable: false).to_s     # => "(ref func)"
  #   Wasmtime::ValType.new(struct_type).to_s                # => "(ref null $struct)"
  class ValType
    # Types of numbers and vectors.
    NUMBERS = %i[i32 i64 f32 f64 v128].freeze
    # Heap types and the Symbols of nullable references to them.
    REFERENCES = {
      func: :funcref, extern: :externref, any: :anyref, eq: :eqref, i31: :i31ref, struct: :structref, array: :arrayref, exn: :exnref,
      none: :nullref, nofunc: :nullfuncref, noextern: :nullexternref, noexn: :nullexnref
    }.freeze
    # Kinds of heap types with an identity.
    CONCRETE = { concrete_func: "func", concrete_array: "array", concrete_struct: "struct", concrete_exn: "exn" }.freeze
    # Every type that has a Symbol.
    SYMBOLS = (NUMBERS + REFERENCES.values).freeze

    class << self
      # What programs see: the Symbol where there is one.
      # @api private
      def _public(desc)
        desc.is_a?(Symbol) ? desc : _from_desc(desc)
      end

      # @api private
      def _from_desc(desc)
        desc.is_a?(Symbol) ? new(desc) : new(desc.last, nullable: desc.first)
      end

      # A type given by a program: a ValType as it is, its Symbol, or the HeapType that nullable references point to.
      # @api private
      def _given(type)
        (type.is_a?(ValType) ? type : new(type))._symbol_or_self
      end
    end

    # @return [Symbol] the number type, or the heap type a reference points to
    attr_reader :kind
    # @return [HeapType, nil] the type a reference points to, when it has an identity
    attr_reader :type

    # @param type [Symbol, HeapType] one of {SYMBOLS}, a heap type such as :func, or a {StructType}, {ArrayType} or {ExnType}
    # @param nullable [Boolean] whether a reference may be null
    # @return [void]
    # @raise [ArgumentError] for a type that does not exist
    # @raise [TypeError] for what is neither a Symbol nor a HeapType
    def initialize(type, nullable: true)
      @type = type if type.is_a?(HeapType)
      @kind = @type ? type._kind : _abstract(type)
      @nullable = nullable ? true : false
      freeze
    end

    # @return [Boolean] whether it is a reference type
    def reference?
      !NUMBERS.include?(kind)
    end

    # @return [Boolean] whether it is a reference that may be null
    def nullable?
      reference? && @nullable
    end

    # @return [Symbol, nil] the Symbol that stands for the type, nil when there is none
    def to_sym
      return kind unless reference?

      REFERENCES[kind] if @nullable
    end

    # @return [String] as in the text format
    def to_s
      symbol = to_sym
      return symbol.name if symbol

      "(ref #{'null ' if @nullable}#{CONCRETE.key?(kind) ? "$#{CONCRETE[kind]}" : kind})"
    end

    # @return [String] what it is, to be read by people
    def inspect
      "#<Wasmtime::ValType #{self}>"
    end

    # @param other [Object]
    # @return [Boolean] whether both say the same
    def ==(other)
      other.is_a?(ValType) && other._desc == _desc
    end
    alias eql? ==

    # @return [Integer] the same for equal ones
    def hash
      _desc.hash
    end

    # For pattern matching.
    # @param _keys [Array<Symbol>, nil]
    # @return [Hash{Symbol => Object}]
    def deconstruct_keys(_keys)
      { kind: kind, nullable: nullable?, reference: reference?, type: type }
    end

    # @api private
    def _desc
      to_sym || [@nullable, kind, type].compact
    end

    # @api private
    def _symbol_or_self
      to_sym || self
    end

    private

    def _abstract(type)
      raise TypeError, "no implicit conversion of #{type.class} into Symbol" unless type.is_a?(Symbol)

      heap = REFERENCES.key(type) || type
      return heap if NUMBERS.include?(type) || REFERENCES.key?(heap)

      raise ArgumentError, "invalid WebAssembly type, expected one of [#{SYMBOLS.map(&:inspect).join(', ')}], got #{type.inspect}"
    end
  end
end
