# frozen_string_literal: true

require_relative "component_values"

# The rows of {ComponentValues} whose types hold others.
module ComponentValues
  POINT = [:record, [["x", :s32], ["y-axis", :f64]]].freeze
  SHAPE = [:variant, [["nothing", nil], ["circle", :f32], ["name", :string], ["wide", :u64]]].freeze
  # A class whose objects answer what POINT asks for.
  Point = Struct.new(:x, :y_axis)
  # So does this, which is no Struct.
  Place = Class.new do
    def x = 3
    def y_axis = 4.5
  end
  PACKED = { s8: "c*", u8: "C*", s16: "s<*", u16: "S<*", s32: "l<*", u32: "L<*", s64: "q<*", u64: "Q<*", f32: "e*", f64: "E*" }.freeze

  class << self
    def compound
      [*lists, *records, *tuples, *variants, *enums, *options, *results, *flags, *maps]
    end

    def lists
      [
        *PACKED.map { |type, pack| numbers(type, pack) },
        row(%i[list u8], [], forms: [["héé", "héé".bytes], ["\xff\0".b, [255, 0]]], wrong: [
              [[1, 256], RangeError, outside(:u8, 256), "list item 1"], *[nil, :bytes, 5].map { |value| [value, TypeError] }
            ]),
        row(%i[list bool], [[], [true, false], [true] * 1000], wrong: [["\1", TypeError]]),
        row(%i[list char], [["a", "😀"]], wrong: [["ab", TypeError], [["a", nil], TypeError, [:char, "nil: no character"], "list item 1"]]),
        row(%i[list string], [[], ["a", "", "日本"], ["x" * 1000] * 1000], wrong: [
              [["a", "\xff"], EncodingError, [:string, '"\xFF": no valid UTF-8'], "list item 1"], [["a", 1], TypeError, [:string, 1], "list item 1"]
            ]),
        row([:list, %i[list u16]], [[], [[], [1], [2, 3]]],
            wrong: [[[[1], [2, -1]], RangeError, outside(:u16, -1), "list item 1", "list item 1"]])
      ]
    end

    # Packed numbers are taken as they lie in memory.
    def numbers(type, pack)
      size = ComponentAbi::SIZES.fetch(type)
      values = type.start_with?("f") ? [0.0, -1.5, Float::INFINITY] : [0, 1, 100]
      odd = size == 1 ? [] : [["\0" * 7, ArgumentError, "expected a packed list of numbers of #{size} bytes each, got a String of 7 bytes"]]
      row([:list, type], [[], values, values * 400], forms: [[values.pack(pack), values], ["".b, []]],
                                                     wrong: odd)
    end

    def records
      [
        point,
        row([:record, [["a", :u8], ["b", :u64], ["c", :bool], ["d", :string], ["e", :f32]]],
            [{ "a" => 255, "b" => (2**64) - 1, "c" => true, "d" => "déf", "e" => 0.5 }]),
        row([:record, Array.new(20) { |n| ["f#{n}", n.even? ? :u8 : :string] }], [Array.new(20) { |n| ["f#{n}", n.even? ? n : "text #{n}"] }.to_h],
            wrong: [[Array.new(20) { |n| ["f#{n}", 7] }.to_h, TypeError, [:string, 7], 'field "f1"']])
      ]
    end

    def point
      point = { "x" => 3, "y-axis" => 4.5 }
      accepted = [{ x: 3, "y-axis": 4.5 }, { x: 3, y_axis: 4.5 }, { "x" => 3, "y_axis" => 4.5 }, point.merge("more" => 1), Point.new(3, 4.5),
                  Place.new]
      missing = ->(name, value) { [value, ArgumentError, "struct field missing: #{name} in #{value.inspect}"] }
      row(POINT, [point, { "x" => -(2**31), "y-axis" => Float::INFINITY }], forms: accepted.map { |form| [form, point] }, wrong: [
            missing.call("y-axis", { "x" => 3 }), missing.call("y-axis", Struct.new(:x).new(3)), missing.call("x", {}),
            [point.merge("x" => "3"), TypeError, [:s32, '"3"'], 'field "x"'], [Point.new(3, nil), TypeError, [:f64, "nil"], 'field "y-axis"'],
            *[nil, 5, "x"].map { |value| [value, TypeError] }
          ])
    end

    def tuples
      size = ->(array, expected) { [array, ArgumentError, "expected a tuple of #{expected} items, got #{array.size} in #{array}"] }
      [
        row([:tuple, [:u8]], [[7]], wrong: [size.call([], 1), [7, TypeError]]),
        row([:tuple, %i[u8 string f64]], [[1, "two", 3.0]], wrong: [
              size.call([1, "two"], 3), size.call([1, "two", 3, 4], 3), [[1, 2, 3], TypeError, [:string, 2], "tuple item 1"], [nil, TypeError]
            ]),
        row([:tuple, %i[u8 s64 f32 string char bool] * 4], [[1, -(2**63), 1.5, "tëxt", "é", true] * 4], wrong: [
              [([1, 2, 3.0, "text", "c", true] * 3) + [1, 2, 3.0, 4, "c", true], TypeError, [:string, 4], "tuple item 21"]
            ])
      ]
    end

    def variants
      like = Struct.new(:name, :value)
      [
        row(SHAPE, [variant("nothing"), variant("circle", 1.5), variant("name", "naïve"), variant("wide", (2**64) - 1)],
            forms: [[variant(:nothing), variant("nothing")], [like.new("circle", 2), variant("circle", 2.0)]], wrong: [
              [variant("square", 1), ArgumentError, 'invalid variant case "square", valid cases: ["nothing", "circle", "name", "wide"]'],
              [variant("nothing", 1), ArgumentError, "expected no value, got 1", 'case "nothing"'],
              [variant("circle"), TypeError, [:f32, "nil"], 'case "circle"'], [variant("wide", -1), RangeError, outside(:u64, -1), 'case "wide"'],
              *["nothing", nil].map { |value| [value, TypeError] }
            ]),
        row([:variant, Array.new(300) { |n| ["c#{n}", n == 299 ? :u8 : nil] }], [variant("c0"), variant("c298"), variant("c299", 5)])
      ]
    end

    def enums
      unknown = 'enum variant name `pink` is not valid, expected one of ["red", "light-green", "blue"]'
      [
        row([:enum, %w[red light-green blue]], %w[red light-green blue],
            forms: [[:red, "red"], [:"light-green", "light-green"]],
            wrong: [*["pink", :pink].map { |value| [value, ArgumentError, unknown] }, *[0, nil].map { |value| [value, TypeError] }]),
        row([:enum, Array.new(300) { |n| "e#{n}" }], %w[e0 e255 e256 e299])
      ]
    end

    def options
      [
        row(%i[option u8], [nil, 0, 255], forms: [[some(5), 5]], wrong: [
              [256, RangeError, outside(:u8, 256), "some"], [some(nil), TypeError, [:u8, "nil"], "some"]
            ]),
        row(%i[option string], [nil, "", "tëxt"], wrong: [[:text, TypeError, [:string, ":text"], "some"]]),
        row([:option, %i[option u64]], [nil, some(nil), 7], forms: [[some(some(7)), 7], [some(7), 7]], wrong: [
              *["7", some(some("7"))].map { |value| [value, TypeError, [:u64, '"7"'], "some", "some"] }
            ]),
        row([:option, [:option, %i[option bool]]], [nil, some(nil), some(some(nil)), true, false], forms: [[some(some(some(true))), true]]),
        row([:option, [:result, nil, nil]], [nil, ok, error])
      ]
    end

    def results
      like = Struct.new(:ok?, :ok, :error)
      [
        row(%i[result u32 string], [ok(7), error("wröng")], forms: [[like.new(true, 3), ok(3)], [like.new(false, nil, "no"), error("no")]], wrong: [
              [ok("7"), TypeError, [:u32, '"7"'], "ok"], [error(7), TypeError, [:string, 7], "error"], [ok, TypeError, [:u32, "nil"], "ok"],
              *[7, nil].map { |value| [value, TypeError] }
            ]),
        row([:result, nil, nil], [ok, error], wrong: [
              [ok(1), ArgumentError, "expected no value, got 1", "ok"], [error(1), ArgumentError, "expected no value, got 1", "error"]
            ]),
        row([:result, :f64, nil], [ok(1.5), error]), row([:result, nil, :u64], [ok, error(2**63)])
      ]
    end

    def flags
      sized = [1, 8, 9, 16, 17, 32].map do |count|
        names = Array.new(count) { |n| "f#{n}" }
        row([:flags, names], [[], names, names.last(1), names.first(1)])
      end
      [
        *sized,
        row([:flags, %w[read write no-follow]], [[], %w[read], %w[read no-follow]],
            forms: [[%i[write read], %w[read write]], [%i[no-follow no-follow], %w[no-follow]]], wrong: [
              [%w[read run], ArgumentError, 'unknown flag: `run`, expected some of ["read", "write", "no-follow"]'],
              *["read", nil, [1]].map { |value| [value, TypeError] }
            ])
      ]
    end

    # Only with the engine option `wasm_component_model_map`.
    def maps
      keys = {
        bool: [true, false], s8: [-128, 127], u8: [0, 255], s16: [-1], u16: [65_535], s32: [-(2**31)], u32: [(2**32) - 1], s64: [-(2**63)],
        u64: [(2**64) - 1], char: ["a", "😀"], string: ["", "käy"]
      }
      [
        *keys.map { |type, values| row([:map, type, :string], [{}, values.to_h { |key| [key, "value of #{key}"] }]) },
        row(%i[map string u8], [{}, { "a" => 1, "b" => 2 }, Array.new(1000) { |n| ["k#{n}", n % 256] }.to_h], wrong: [
              [{ "a" => 1, "b" => 256 }, RangeError, outside(:u8, 256), "value 1"], [{ "a" => 1, 2 => 2 }, TypeError, [:string, 2], "key 1"],
              *[[["a", 1]], nil].map { |value| [value, TypeError] }
            ])
      ]
    end
  end
end
