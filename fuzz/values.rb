# frozen_string_literal: true

module Fuzz
  # Raised by host blocks, as programs' own errors are.
  class HostError < StandardError; end

  # An object whose conversions are a program's own code.
  class Converting
    def initialize(world)
      @world = world
    end

    def to_int
      @world.mischief
      3
    end

    def to_str
      @world.mischief
      "nothing"
    end

    def to_ary
      @world.mischief
      [1, 2]
    end

    def inspect
      "#<Converting>"
    end
  end

  # Arguments of every kind, most of them wrong for whatever they are given to.
  class Values
    NUMBERS = [0, 1, 2, 3, 7, 65_535, 65_536, -1, -2, 2**31, (2**31) - 1, -(2**31), 2**32, 2**63, -(2**63), 2**64, -(2**70), 2**130].freeze
    FLOATS = [0.0, -0.0, 1.5, -2.25, 1e300, Float::NAN, Float::INFINITY, -Float::INFINITY, 4.9e-324].freeze
    TEXTS = ["", "memory", "externs", "add", "keep", "env", "host", "m", "a\0b", "\xFF\xFE", "é", "x" * 300, "nothing", "0", "trap"].freeze
    TYPES = (Wasmtime::ValType::SYMBOLS + %i[i8 i16]).freeze
    OTHERS = [nil, true, false, *TYPES, :add, :memory, [], [1], [nil, 2], [:i32], {}, { a: 1 }, [1, 2.5], [0, nil], "sixteen bytes ok",
              { "env" => { "host" => nil } }, Object, (1..3), Rational(1, 3), Complex(1, 2), "utf16".encode("UTF-16LE")].freeze

    def initialize(random, world)
      @random = random
      @world = world
    end

    def pick(list)
      list[@random.rand(list.size)]
    end

    def number
      @random.rand(4).zero? ? pick(NUMBERS) : @random.rand(200)
    end

    def anything
      case @random.rand(12)
      when 0..3 then number
      when 4 then pick(FLOATS)
      when 5, 6 then pick(TEXTS).dup
      when 7 then pick(OTHERS)
      when 8 then @random.rand(2).zero? ? Object.new : vector
      when 9 then Converting.new(@world)
      else @world.any_object
      end
    end

    # A value for a WebAssembly type, wrong now and then.
    def for_type(type)
      return anything if @random.rand(15).zero?

      case type
      when :i32, :i64 then number
      when :f32, :f64 then pick(FLOATS)
      when :v128 then vector
      when :funcref then @random.rand(2).zero? ? nil : @world.any(:func)
      when :externref then pick([nil, Object.new, "text", 5, @world.any_object])
      when :anyref, :eqref, :i31ref then pick([nil, @random.rand(2**31), -1, @world.any(:reference)])
      when Wasmtime::ValType, Wasmtime::FieldType then reference(type)
      else pick([nil, @world.any(:reference)])
      end
    end

    # A type of values, of any engine.
    def type
      @random.rand(2).zero? ? pick(TYPES) : @world.any(:type) || :anyref
    end

    # Values for a list of types, now and then one too few.
    def for_types(types)
      types.map { |type| for_type(type) }.tap { |values| values.pop if @random.rand(30).zero? }
    end

    private

    def vector
      Wasmtime::V128.new(@random.bytes(16))
    end

    # One that fits, as far as it can be told without raising.
    def reference(type)
      return for_type(type.type) if type.is_a?(Wasmtime::FieldType)
      return @world.any(:func) if %i[func concrete_func].include?(type.kind)

      @world.reference(type) || @world.any(:reference)
    end
  end
end
