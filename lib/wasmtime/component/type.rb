# frozen_string_literal: true

module Wasmtime
  module Component
    # What the types of WIT have in common: they are frozen, equal when they say the same, match patterns and print as WIT. Types without parts
    # are the Symbols of {PRIMITIVES}.
    #
    # @example
    #   case func.type
    #   in { params: { data: Wasmtime::Component::ListType[:u8] }, result: :string } then puts "takes bytes"
    #   end
    module Type
      # Types of values that have no parts.
      PRIMITIVES = %i[bool s8 u8 s16 u16 s32 u32 s64 u64 f32 f64 char string error_context].freeze

      class << self
        # @api private
        def _value(type)
          return type if PRIMITIVES.include?(type) || (type.is_a?(Type) && type._value?)
          raise TypeError, "expected a WIT type, got #{type.class}" unless type.is_a?(Symbol)

          raise ArgumentError, "invalid WIT type, expected one of [#{PRIMITIVES.map(&:inspect).join(', ')}], got #{type.inspect}"
        end

        # Whether something that is imported or exported is a resource.
        # @api private
        def _resource?(item)
          !item.is_a?(Type) && !item.is_a?(Symbol) && !item.is_a?(ExternType)
        end

        # @api private
        def _optional(type)
          type.nil? ? nil : _value(type)
        end

        # @api private
        def _name(name)
          -Wasmtime._name(name)
        end

        # @api private
        def _names(names)
          Wasmtime._array(names).map { |name| _name(name) }.freeze
        end

        # Names and what they stand for, in order.
        # @api private
        def _members(members)
          given = Hash.try_convert(members) || raise(TypeError, "no implicit conversion of #{members.class} into Hash")
          given.to_h { |name, member| [_name(name), yield(member)] }.freeze
        end
      end

      # @param other [Object]
      # @return [Boolean] whether both say the same, in the same order
      def ==(other)
        other.instance_of?(self.class) && other.hash == hash && other._identity == _identity
      end
      alias eql? ==

      # @return [Integer] the same for equal ones
      attr_reader :hash

      # For pattern matching. What is known by name, such as fields, has Symbols for names: Ruby's patterns know no others.
      # @return [Array<Object>] its parts
      def deconstruct
        _state.values.map { |part| _pattern(part) }
      end

      # For pattern matching. What is known by name, such as fields, has Symbols for names: Ruby's patterns know no others.
      # @param _keys [Array<Symbol>, nil]
      # @return [Hash{Symbol => Object}] its parts by the names of their readers
      def deconstruct_keys(_keys)
        _state.transform_values { |part| _pattern(part) }.merge(_flags)
      end

      # @return [String] as in WIT
      def to_s
        _wit(Wit.new)
      end

      # @return [String] what it is, to be read by people
      def inspect
        "#<#{self.class} #{self}>"
      end

      # Whether values have it; the others are types of imports and exports only.
      # @api private
      def _value?
        true
      end

      # What is true or false of it.
      # @api private
      def _flags
        {}
      end

      # What makes it equal to another. The order of a Hash counts.
      # @api private
      def _identity
        [*_state.values, *_flags.values].map { |part| part.is_a?(Hash) ? part.to_a : part }
      end

      # The lines that give it a name in an interface.
      # @api private
      def _definition(name, wit)
        ["type #{name} = #{_wit(wit)};"]
      end

      private

      def _pattern(part)
        part.is_a?(Hash) ? part.transform_keys(&:to_sym) : part
      end

      # Trees of types are compared and looked up often: each node knows its hash.
      def _seal
        @hash = [self.class, _identity].hash
        freeze
      end
    end

    # Types that a WIT document has to define by a name, between braces.
    # @api private
    module BracedType
      # @return [String] the definition without its name, in one line
      def _wit(wit)
        members = _lines(wit)
        members.empty? ? "#{_keyword} {}" : "#{_keyword} { #{members.join(', ')} }"
      end

      # @return [Array<String>] the definition as a WIT document lays it out
      def _definition(name, wit)
        Wit.block("#{_keyword} #{name}", _lines(wit).map { |line| "#{line}," })
      end
    end
    private_constant :BracedType
  end
end
