# frozen_string_literal: true

require_relative "component_guests"

# The one table of WIT types that the specs of component values are made from.
module ComponentValues
  # A type, what goes in and comes back as it is, what comes back as something else, and what is refused: the value, the class of the error, what it
  # says and where, when that is not the value itself.
  Row = Struct.new(:type, :good, :forms, :wrong, keyword_init: true) do
    def to_s
      ComponentGuests.wit(type)
    end

    # @return [Array<(Object, Object)>] what is given, and what comes back
    def pairs
      good.map { |value| [value, value] } + forms
    end
  end

  # Refused in one way, at the value itself or inside of it.
  Wrong = Struct.new(:value, :error, :text, :places) do
    def message(*around)
      "#{[*around, *places].join(', ')}: #{text}"
    end
  end

  class << self
    # @param wrong [Array<Array>] for each a value, the class of the error, what it says, and the places inside of the value; what it says is nil
    #   when it is "expected" the type, "got" the value, and an Array of such two when they are others.
    def row(type, good, forms: [], wrong: [])
      Row.new(type: type, good: good, forms: forms, wrong: wrong.map do |value, error, text, *places|
        text = format("expected %s, got %s", *(text || [kind(type), value.inspect])) unless text.is_a?(String)
        Wrong.new(value, error, text, places)
      end)
    end

    # What an error calls a type: what is made of others only by its kind.
    def kind(type)
      type.is_a?(Array) ? type[0] : ComponentGuests.wit(type)
    end

    def variant(name, value = nil) = Wasmtime::Component::Variant.new(name, value)
    def some(value) = Wasmtime::Component::Some.new(value)
    def ok(value = nil) = Wasmtime::Component::Result.ok(value)
    def error(value = nil) = Wasmtime::Component::Result.error(value)

    # An Integer in all but class.
    def integer_like(number) = Struct.new(:to_int).new(number)
    def string_like(text) = Struct.new(:to_str).new(text)

    def bounds(type)
      bits = type.name[1..].to_i
      type.start_with?("s") ? [-(2**(bits - 1)), (2**(bits - 1)) - 1] : [0, (2**bits) - 1]
    end

    # What is said about a number that does not fit.
    def outside(type, number)
      least, most = bounds(type)
      side = { [true, true] => "negative", [true, false] => "too small" }.fetch([number < least, least.zero?], "too big")
      ["#{type} (#{least}..#{most})", "#{number}: #{side}"]
    end

    def integer(type)
      least, most = bounds(type)
      row(type, [0, 1, 100, least, most, most - 1], forms: [[integer_like(7), 7], [7.9, 7]], wrong: [
            *[least - 1, -(2**100), most + 1, 2**100, 2**200].map { |number| [number, RangeError, outside(type, number)] },
            *["7", nil, :one, true].map { |value| [value, TypeError] }
          ])
    end

    def float(type, most, least, forms)
      row(type, [0.0, -0.0, 1.5, -2.25, Float::INFINITY, -Float::INFINITY, most, -most, least], forms: [[3, 3.0], [1r / 4, 0.25], *forms],
                                                                                                wrong: ["1.5", nil, []].map { |value|
                                                                                                         [value, TypeError]
                                                                                                       })
    end

    # @return [Array<Row>] of all types
    def rows = simple + compound

    def simple
      [
        row(:bool, [true, false], wrong: [nil, 1, "true"].map { |value| [value, TypeError] }),
        *%i[s8 u8 s16 u16 s32 u32 s64 u64].map { |type| integer(type) },
        float(:f32, 3.4028234663852886e38, 1.401298464324817e-45, [[0.1, 0.10000000149011612], [1e300, Float::INFINITY], [2**200, Float::INFINITY]]),
        float(:f64, Float::MAX, 5e-324, [[2**70, 2.0**70], [10**400, Float::INFINITY]]),
        char, string
      ]
    end

    # Whatever's text has one character.
    def char
      good = ["a", "é", "日", "😀", "\0", "\u{10FFFF}", "\uD7FF", "\uE000"]
      row(:char, good, forms: [["é".encode("UTF-16LE"), "é"], [:a, "a"], [7, "7"]], wrong: [
            *["", nil].map { |value| [value, TypeError, "expected char, got #{value.inspect}: no character"] },
            *["ab", "e\u0301", 97, true].map { |value| [value, TypeError, "expected char, got #{value.inspect}: too many characters"] },
            *not_utf8(:char)
          ])
    end

    # Texts that are refused.
    def not_utf8(type)
      texts = ["\xff", "\xff".b, "\xED\xA0\x80", (+"\xD8\x00").force_encoding("UTF-16BE")]
      texts.map { |text| [text, EncodingError, "expected #{type}, got #{text.inspect}: no valid UTF-8"] }
    end

    def string
      row(:string, ["", "plain", "héllo wörld, 日本語 😀", "a\0b", "x" * 100_000, "日本" * 10_000],
          forms: [["é".encode("UTF-16LE"), "é"], ["é".encode("ISO-8859-1"), "é"], ["bytes".b, "bytes"], [string_like("like"), "like"]],
          wrong: [*[nil, :name, 1, ["a"]].map { |value| [value, TypeError] }, *not_utf8(:string)])
    end
  end
end
