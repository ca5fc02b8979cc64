# frozen_string_literal: true

require_relative "component_constant"

module Conformance
  # A value a component gave, with its WIT type.
  ComponentResult = Struct.new(:value, :type)

  class ComponentResult
    # @param list [List] a constant
    # @return [Boolean] whether it is this value
    # @raise [Malformed]
    def match?(list)
      return false unless ComponentConstant.of?(list, type)

      case list.head
      when "f32.const" then Expectation.float?(FloatLiteral::F32, ComponentConstant.word(list), Wasmtime::FloatBits.f32_bits(value))
      when "f64.const" then Expectation.float?(FloatLiteral::F64, ComponentConstant.word(list), Wasmtime::FloatBits.f64_bits(value))
      when "flags.const" then value.sort == ComponentConstant.value(list, type).sort
      when "list.const" then list.rest.size == value.size && all?(list.rest, value, [type.element] * value.size)
      when "tuple.const" then list.rest.size == value.size && all?(list.rest, value, type.types)
      when "record.const" then record?(ComponentConstant.fields(list))
      when "map.const" then map?(list.rest)
      else single?(list)
      end
    end

    # @return [String]
    def to_s
      "#{value.inspect} of type #{type}"
    end

    private

    def all?(lists, values, types)
      lists.zip(values, types).all? { |list, item, kind| of(item, kind).match?(list) }
    end

    def record?(fields)
      fields.map(&:first) == value.keys && all?(fields.map(&:last), value.values, type.fields.values)
    end

    # In the order they are written in, and the guest gave.
    def map?(entries)
      entries.size == value.size &&
        all?(entries.map { |entry| entry.items[1] }, value.keys, [type.key] * value.size) &&
        all?(entries.map { |entry| entry.items[2] }, value.values, [type.value] * value.size)
    end

    def single?(list)
      item = list.rest.first
      case list.head
      when "variant.const" then value.name == ComponentConstant.text(item) && payload?(list.rest[1], value.value, type.cases[value.name])
      when "option.none" then value.nil?
      when "option.some" then !value.nil? && of(value.is_a?(Wasmtime::Component::Some) ? value.value : value, type.type).match?(item)
      when "result.ok" then value.ok? && payload?(item, value.ok, type.ok)
      when "result.err" then value.error? && payload?(item, value.error, type.error)
      else value == ComponentConstant.value(list, type)
      end
    end

    def payload?(list, payload, kind)
      list && kind ? of(payload, kind).match?(list) : list.nil? && kind.nil?
    end

    def of(item, kind)
      self.class.new(item, kind)
    end
  end
end
