# frozen_string_literal: true

require_relative "wit"

module Fuzz
  # What else may be said for a value of a WIT type, and what may not.
  class WitChanges
    include Wasmtime::Component

    PACKED = { s8: "c*", u8: "C*", s16: "s<*", u16: "S<*", s32: "l<*", u32: "L<*", s64: "q<*", u64: "Q<*", f32: "e*", f64: "E*" }.freeze
    # No value of any type but an option's.
    NOTHING = [nil, Object.new, :"no such name", Class.new { def inspect = "#<Odd>" }.new].freeze

    def initialize(random, wit)
      @random = random
      @wit = wit
    end

    # Another form of a value, which is taken for the same.
    def disguise(type, value)
      case type
      when :string, :char then @wit.chance?(4) ? value.encode("UTF-16LE") : value
      when ListType then list(type.element, value)
      when MapType then value.to_h { |key, one| [disguise(type.key, key), disguise(type.value, one)] }
      when TupleType then type.types.zip(value).map { |part, one| disguise(part, one) }
      when RecordType then record(type, value)
      when VariantType then Variant.new(value.name.to_sym, payload(type.cases[value.name], value.value))
      when EnumType then value.to_sym
      when FlagsType then (value + value.first(1)).map(&:to_sym)
      when OptionType then value.nil? ? nil : Some.new(disguise(type.type, inner(value)))
      when ResultType then value.ok? ? Result.ok(payload(type.ok, value.ok)) : Result.error(payload(type.error, value.error))
      else value
      end
    end

    # A value with one thing wrong inside of it.
    # @return [(Object, Array<String>)] and the places that lead there
    def spoil(type, value)
      return [wrong(type), []] if type.is_a?(Symbol) || (!type.is_a?(OptionType) && @wit.chance?(4))

      case type
      when ListType then value.empty? ? [wrong(type), []] : spoil_item(value, "list item") { type.element }
      when TupleType then spoil_item(value, "tuple item") { |index| type.types[index] }
      when MapType then value.empty? ? [wrong(type), []] : spoil_pair(type, value)
      when RecordType then spoil_field(type, value)
      when VariantType then spoil_payload(type.cases[value.name], value.value, %(case "#{value.name}")) { |one| Variant.new(value.name, one) }
      when OptionType then spoil_payload(type.type, value.nil? ? @wit.value(type.type) : inner(value), "some") { |one| Some.new(one) }
      when ResultType then spoil_result(type, value)
      else [wrong(type), []]
      end
    end

    private

    def wrong(type)
      others = { bool: [1], f32: ["1.5"], f64: [[]], char: ["", "ab"], string: ["\xff", 1] }
      others = others.fetch(type, Wit::NUMBERS.key?(type) ? [2**64, -(2**63) - 1, "7"] : [5])
      @wit.pick([*NOTHING, *others])
    end

    # The value that an option has, without the level that tells it from none.
    def inner(value)
      value.is_a?(Some) ? value.value : value
    end

    def payload(type, value)
      type && disguise(type, value)
    end

    def list(element, value)
      pack = PACKED[element]
      pack && @wit.chance?(2) ? value.pack(pack) : value.map { |one| disguise(element, one) }
    end

    def record(type, value)
      other = value.to_h { |name, one| [name.tr("-", "_").to_sym, disguise(type.fields[name], one)] }
      @wit.chance?(2) ? other.to_a.shuffle(random: @random).to_h : Struct.new(*other.keys).new(*other.values)
    end

    def spoil_item(value, what)
      index = @random.rand(value.size)
      one, places = spoil(yield(index), value[index])
      [value.dup.tap { |copy| copy[index] = one }, ["#{what} #{index}", *places]]
    end

    def spoil_field(type, value)
      name = @wit.pick(type.fields.keys)
      one, places = spoil(type.fields[name], value[name])
      [value.merge(name => one), [%(field "#{name}"), *places]]
    end

    def spoil_pair(type, value)
      index = @random.rand(value.size)
      pairs = value.to_a
      side = @random.rand(2)
      pairs[index] = pairs[index].dup
      pairs[index][side], places = spoil([type.key, type.value][side], pairs[index][side])
      [pairs.to_h, ["#{%w[key value][side]} #{index}", *places]]
    end

    def spoil_result(type, value)
      return spoil_payload(type.ok, value.ok, "ok") { |one| Result.ok(one) } if value.ok?

      spoil_payload(type.error, value.error, "error") { |one| Result.error(one) }
    end

    # What has no type has no value.
    def spoil_payload(type, value, where)
      one, places = type ? spoil(type, value) : [5, []]
      [yield(one), [where, *places]]
    end
  end
end
