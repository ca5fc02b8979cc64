# frozen_string_literal: true

# Random values of random WIT types, through a guest and back: ruby fuzz/component_values.rb SEED COUNT. What comes back is what went in, by the
# guest's memory alone and through a host block; values that do not fit are refused before anything runs. The same seed gives the same values.
require "wasmtime"
require_relative "../spec/support/component_guests"

module Fuzz
  # Types and values that a seed decides.
  class ComponentValues
    NUMBERS = { s8: 8, u8: 8, s16: 16, u16: 16, s32: 32, u32: 32, s64: 64, u64: 64 }.freeze
    SCALARS = [*NUMBERS.keys, :bool, :f32, :f64, :char, :string].freeze
    COMPOUND = %i[list tuple record variant enum option result flags map].freeze
    TEXT = [*"a".."z", *"äß€\u{1f389}漢\0\n ".chars].freeze
    REFUSED = [TypeError, ArgumentError, RangeError, EncodingError, FloatDomainError].freeze

    def initialize(seed)
      @random = Random.new(seed)
      @engine = Wasmtime::Engine.new(wasm_component_model_map: true, strategy: :winch)
    end

    # One type with several values.
    def round(values)
      type = type(3)
      component = Wasmtime::Component::Component.new(@engine, ComponentGuests.echo(type))
      linker = Wasmtime::Component::Linker.new(@engine)
      linker.root { |root| root.func_new("host") { |value| value } }
      instance = linker.instantiate(Wasmtime::Store.new(@engine), component)
      values.times { check(instance, type, value(type)) }
      refuse(instance)
    end

    private

    def check(instance, type, value)
      %w[same echo].each do |name|
        back = instance.invoke(name, value)
        raise "#{name} of #{ComponentGuests.wit(type)}: #{value.inspect} came back as #{back.inspect}" unless back == value
      end
    end

    # Something of another kind: it is taken or refused, and the instance goes on.
    def refuse(instance)
      wrong = pick([nil, 2**70, -1, "text", "\xff", [nil], { "x" => 1 }, Object.new, :sym, 1.5, [[[]]], Wasmtime::Component::Result.ok(7)])
      instance.invoke("same", wrong)
    rescue *REFUSED
      nil
    end

    def pick(list)
      list[@random.rand(list.size)]
    end

    def type(depth)
      return pick(SCALARS) if depth.zero? || @random.rand(3).zero?

      compound(pick(COMPOUND), depth - 1)
    end

    def compound(kind, depth)
      case kind
      when :list, :option then [kind, type(depth)]
      when :map then [:map, pick(%i[string u8 s64 char bool]), type(depth)]
      when :tuple then [:tuple, some { type(depth) }]
      when :record then [:record, some { |n| ["field-#{n}", type(depth)] }]
      when :variant then [:variant, some { |n| ["case-#{n}", @random.rand(3).zero? ? nil : type(depth)] }]
      when :result then [:result, *Array.new(2) { @random.rand(4).zero? ? nil : type(depth) }]
      else [kind, some { |n| "name-#{n}" }]
      end
    end

    def some(most = 6, &)
      Array.new(1 + @random.rand(most), &)
    end

    def value(type)
      return scalar(type) if type.is_a?(Symbol)

      kind, *parts = type
      case kind
      when :list then Array.new(@random.rand(20)) { value(parts[0]) }
      when :map then Array.new(@random.rand(5)) { [value(parts[0]), value(parts[1])] }.to_h
      when :tuple then parts[0].map { |part| value(part) }
      when :record then parts[0].to_h { |name, part| [name, value(part)] }
      when :option then option(parts[0])
      when :enum then pick(parts[0])
      when :flags then parts[0].select { @random.rand(2).zero? }
      else choice(kind, parts)
      end
    end

    # As it comes back: a nil that is there is inside of a Some.
    def option(type)
      return nil if @random.rand(3).zero?

      inner = value(type)
      inner.nil? || inner.is_a?(Wasmtime::Component::Some) ? Wasmtime::Component::Some.new(inner) : inner
    end

    def choice(kind, parts)
      if kind == :variant
        name, part = pick(parts[0])
        return Wasmtime::Component::Variant.new(name, part && value(part))
      end
      case @random.rand(2)
      when 0 then Wasmtime::Component::Result.ok(parts[0] && value(parts[0]))
      else Wasmtime::Component::Result.error(parts[1] && value(parts[1]))
      end
    end

    def scalar(type)
      case type
      when :bool then @random.rand(2).zero?
      when :f32 then [@random.rand(-1e6..1e6)].pack("e").unpack1("e")
      when :f64 then @random.rand(-1e300..1e300)
      when :char then pick(TEXT)
      when :string then Array.new(@random.rand(30)) { pick(TEXT) }.join
      else number(type)
      end
    end

    def number(type)
      bits = NUMBERS.fetch(type)
      least = type.start_with?("s") ? -(1 << (bits - 1)) : 0
      most = least + (1 << bits) - 1
      pick([least, most, 0, @random.rand(least..most)])
    end
  end
end

seed, count = ARGV.map { |argument| Integer(argument) }
fuzz = Fuzz::ComponentValues.new(seed)
count.times { fuzz.round(10) }
puts "seed #{seed}: #{count} types, #{count * 20} values there and back"
