# frozen_string_literal: true

require_relative "component_values_compound"

# Types within types: each place a value may be in, around each other place, around each other place.
module ComponentNestings
  # A place: the type around a type, the values around values, and the name an error gives it.
  Place = Struct.new(:name, :type, :all, :where)

  class << self
    # @return [Array<Place>]
    def places
      [
        Place.new("list", ->(type) { [:list, type] }, ->(values) { [[], values, values.last(1) * 3] }, "list item 0"),
        Place.new("record", ->(type) { [:record, [["a", :u8], ["field-two", type]]] },
                  ->(values) { values.map { |value| { "a" => 7, "field-two" => value } } }, 'field "field-two"'),
        Place.new("tuple", ->(type) { [:tuple, [type, :string]] }, ->(values) { values.map { |value| [value, "text"] } }, "tuple item 0"),
        Place.new("variant", ->(type) { [:variant, [["nothing", nil], ["other", :f64], ["one", type]]] },
                  ->(values) { [rows.variant("nothing"), rows.variant("other", 1.5), *values.map { |one| rows.variant("one", one) }] }, 'case "one"'),
        Place.new("option", ->(type) { [:option, type] }, ->(values) { [nil, *values.map { |value| level(value) }] }, "some"),
        Place.new("ok", ->(type) { [:result, type, :string] }, ->(values) { [rows.error("text"), *values.map { |value| rows.ok(value) }] }, "ok"),
        Place.new("error", ->(type) { [:result, nil, type] }, ->(values) { [rows.ok, *values.map { |value| rows.error(value) }] }, "error"),
        Place.new("map value", ->(type) { [:map, :string, type] },
                  ->(values) { [{}, values.each_with_index.to_h { |value, index| ["key #{index}", value] }] }, "value 0"),
        Place.new("map key", ->(type) { [:map, type, :u8] }, ->(values) { [{}, values.to_h { |value| [value, 1] }] }, "key 0")
      ]
    end

    # Every place in every place in every place. What they are around takes turns.
    # @return [Hash{String => Array<ComponentValues::Row>}] by the two outer places
    def rows_of_three
      turn = 0
      places.product(places).to_h do |outer, middle|
        ["#{outer.name}, #{middle.name}", places.map { |place| wrapped([outer, middle, place], leaves[(turn += 1) % leaves.size]) }]
      end
    end

    private

    def rows = ComponentValues

    # The value of an option as it comes out: a level of its own where it would be taken for another one.
    def level(value)
      value.nil? || value.is_a?(Wasmtime::Component::Some) ? rows.some(value) : value
    end

    # What is inside of everything: a few values of a type, and one that is refused.
    def leaves
      @leaves ||= [*rows.simple, *rows.enums.first(1), *rows.flags.last(1)].map do |row|
        rows.row(row.type, row.good.reject { |value| value.is_a?(String) && value.size > 100 }.first(2), wrong: [row.wrong.first.to_a.first(3)])
      end
    end

    def wrapped(places, leaf)
      bad = leaf.wrong.first
      type = places.reverse.reduce(leaf.type) { |inner, place| place.type.call(inner) }
      values = places.reverse.reduce(leaf.good) { |inner, place| place.all.call(inner) }
      wrong = places.reverse.reduce(bad.value) { |inner, place| around(place, inner) }
      rows.row(type, values, wrong: [[wrong, bad.error, bad.text, *places.map(&:where)]])
    end

    # The one value of a place around a value, where it is looked at first.
    def around(place, value)
      place.all.call([value]).find { |whole| !empty?(whole, place) }
    end

    def empty?(whole, place)
      case place.name
      when "list", "map value", "map key" then whole.empty?
      when "option" then whole.nil?
      when "variant" then whole.name != "one"
      when "ok" then whole.error?
      when "error" then whole.ok?
      end
    end
  end
end
