# frozen_string_literal: true

module Fuzz
  # Types of WIT and values of them, which a seed decides.
  class Wit
    include Wasmtime::Component

    NUMBERS = { s8: 8, u8: 8, s16: 16, u16: 16, s32: 32, u32: 32, s64: 64, u64: 64 }.freeze
    SCALARS = [*NUMBERS.keys, :bool, :f32, :f64, :char, :string].freeze
    COMPOUND = %i[list tuple record variant enum option result flags map].freeze
    TEXT = [*"a".."z", *"äß€\u{1f389}漢\0\n ".chars].freeze
    FLOATS = [0.0, -0.0, 1.5, Float::INFINITY, -Float::INFINITY, Float::NAN].freeze
    # How many members a type has, of those that may have any number: often a few, seldom more than a byte of flags or 16 flat values hold.
    MEMBERS = [*1..6, *1..6, 8, 9, 17].freeze

    # @return [Object] the type of a description: a Symbol or a {Wasmtime::Component::Type}
    def self.type(desc)
      Wasmtime::Component.const_get(:Types).from_desc(desc)
    end

    # @yieldparam type [OwnType, BorrowType]
    # @yieldreturn [Object] a resource
    def initialize(random, maps: true, &resource)
      @random = random
      @compound = maps ? COMPOUND : COMPOUND - [:map]
      @resource = resource
    end

    def pick(list)
      list[@random.rand(list.size)]
    end

    def chance?(one_in)
      @random.rand(one_in).zero?
    end

    # A description of a type, with others in it `depth` times at most.
    def desc(depth)
      return pick(SCALARS) if depth.zero? || chance?(3)

      kind = pick(@compound)
      case kind
      when :list, :option then [kind, desc(depth - 1)]
      when :map then [:map, chance?(3) ? desc(depth - 1) : pick(%i[string u8 s64 char bool]), desc(depth - 1)]
      when :result then [:result, *Array.new(2) { chance?(4) ? nil : desc(depth - 1) }]
      when :tuple then [:tuple, members { desc(depth - 1) }]
      when :record then [:record, members { |n| ["field-#{n}", desc(depth - 1)] }]
      when :variant then [:variant, members { |n| ["case-#{n}", chance?(3) ? nil : desc(depth - 1)] }]
      else [kind, members { |n| "name-#{n}" }]
      end
    end

    # A value of a type, in the form that it comes back in.
    def value(type)
      case type
      when Symbol then scalar(type)
      when ListType then list(type.element)
      when MapType then Array.new(@random.rand(5)) { [value(type.key), value(type.value)] }.to_h
      when TupleType then type.types.map { |part| value(part) }
      when RecordType then type.fields.transform_values { |part| value(part) }
      when VariantType then variant(*pick(type.cases.to_a))
      when EnumType then pick(type.names)
      when FlagsType then type.names.select { chance?(2) }
      when OptionType then chance?(3) ? nil : some(value(type.type))
      when ResultType then chance?(2) ? Result.ok(type.ok && value(type.ok)) : Result.error(type.error && value(type.error))
      else resource(type)
      end
    end

    # As an option gives it: a nil that is there is inside of a Some.
    def some(value)
      value.nil? || value.is_a?(Some) ? Some.new(value) : value
    end

    private

    def members(&)
      Array.new(pick(MEMBERS), &)
    end

    def list(element)
      count = element.is_a?(Symbol) && chance?(10) ? 3_000 : 20
      Array.new(@random.rand(count)) { value(element) }
    end

    def variant(name, type)
      Variant.new(name, type && value(type))
    end

    # Nothing that comes from the outside is a stream, a future or the context of an error.
    def resource(type)
      @resource&.call(type)
    end

    def scalar(type)
      case type
      when :bool then chance?(2)
      when :f32 then [float(1e6)].pack("e").unpack1("e")
      when :f64 then float(1e300)
      when :char then pick(TEXT)
      when :string then Array.new(@random.rand(30)) { pick(TEXT) }.join
      when *NUMBERS.keys then number(type)
      end
    end

    def float(most)
      chance?(3) ? pick(FLOATS) : @random.rand(-most..most)
    end

    def number(type)
      bits = NUMBERS.fetch(type)
      least = type.start_with?("s") ? -(1 << (bits - 1)) : 0
      most = least + (1 << bits) - 1
      pick([least, most, 0, @random.rand(least..most)])
    end
  end
end
