# frozen_string_literal: true

module Wasmtime
  # The type of an import or export: a {FuncType}, {GlobalType}, {MemoryType}, {TableType} or {TagType}. The conversions return the type
  # itself, or raise for another kind.
  module ExternType
    class << self
      # @api private
      def _from_desc(desc)
        case desc.first
        when :func then FuncType._from_desc(desc)
        when :global then GlobalType._from_desc(desc)
        when :memory then MemoryType._from_desc(desc)
        when :table then TableType._from_desc(desc)
        when :tag then TagType._from_desc(desc)
        end
      end
    end

    # @return [FuncType] the type itself
    # @raise [ConversionError] for another kind
    def to_func_type
      _convert(FuncType)
    end

    # @return [GlobalType] the type itself
    # @raise [ConversionError] for another kind
    def to_global_type
      _convert(GlobalType)
    end

    # @return [MemoryType] the type itself
    # @raise [ConversionError] for another kind
    def to_memory_type
      _convert(MemoryType)
    end

    # @return [TableType] the type itself
    # @raise [ConversionError] for another kind
    def to_table_type
      _convert(TableType)
    end

    # @return [TagType] the type itself
    # @raise [ConversionError] for another kind
    def to_tag_type
      _convert(TagType)
    end

    # @param other [Object]
    # @return [Boolean] whether both say the same
    def ==(other)
      other.instance_of?(self.class) && other._state == _state
    end
    alias eql? ==

    # @return [Integer] the same for equal ones
    def hash
      [self.class, _state].hash
    end

    # For pattern matching.
    # @param _keys [Array<Symbol>, nil]
    # @return [Hash{Symbol => Object}]
    def deconstruct_keys(_keys)
      _state
    end

    # @return [String] what it is, to be read by people
    def inspect
      "#<#{self.class} #{self}>"
    end

    private

    def _convert(kind)
      return self if is_a?(kind)

      raise ConversionError, "cannot convert #{self.class} to #{kind}"
    end

    def _count(value, name)
      raise TypeError, "#{name}: expected an Integer, got #{value.class}" unless value.is_a?(Integer)
      raise ArgumentError, "#{name}: expected 0..2**64-1, got #{value}" unless value.between?(0, (2**64) - 1)

      value
    end

    def _limits(min, max)
      min = _count(min, "min_size")
      max = max.nil? ? nil : _count(max, "max_size")
      raise ArgumentError, "max_size (#{max}) is smaller than min_size (#{min})" if max && max < min

      [min, max]
    end
  end
end
