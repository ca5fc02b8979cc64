# frozen_string_literal: true

# The canonical ABI as far as the guests of the component specs need it: how a value of a WIT type lies in memory, and the core values it is
# flattened to. Types are the nested descriptions of `Wasmtime::Component::Types`.
module ComponentAbi
  SIZES = {
    bool: 1, s8: 1, u8: 1, s16: 2, u16: 2, s32: 4, u32: 4, s64: 8, u64: 8, f32: 4, f64: 8, char: 4, string: 8, error_context: 4
  }.freeze
  FLAT = { s64: %w[i64], u64: %w[i64], f32: %w[f32], f64: %w[f64], string: %w[i32 i32] }.freeze
  STORES = { 1 => "i32.store8", 2 => "i32.store16", 4 => "i32.store" }.freeze
  NUMBER_STORES = { s64: "i64.store", u64: "i64.store", f32: "f32.store", f64: "f64.store" }.freeze
  # Of the flat values a function takes, and of those it gives.
  MAX_PARAMS = 16

  module_function

  # The cases of whatever is a variant for the ABI.
  # @return [Array<(String, Object)>, nil] names and payloads
  def cases(type)
    return unless type.is_a?(Array)

    case type
    in [:variant, cases] then cases
    in [:enum, names] then names.map { |name| [name, nil] }
    in [:option, payload] then [["none", nil], ["some", payload]]
    in [:result, ok, error] then [["ok", ok], ["error", error]]
    else nil
    end
  end

  # The types of what lies one after the other, nil for anything else.
  def fields(type)
    return unless type.is_a?(Array)

    case type
    in [:record, fields] then fields.map(&:last)
    in [:tuple, types] then types
    else nil
    end
  end

  def align(type)
    return SIZES.fetch(type).clamp(1, type == :string ? 4 : 8) if type.is_a?(Symbol)
    return fields(type).map { |field| align(field) }.max if fields(type)
    return [discriminant(type), payload_align(type)].max if cases(type)

    type[0] == :flags ? size(type) : 4
  end

  def size(type)
    return SIZES.fetch(type) if type.is_a?(Symbol)
    return up(offsets(type).last, align(type)) if fields(type)
    return up(payload_offset(type) + cases(type).map { |_, payload| payload ? size(payload) : 0 }.max, align(type)) if cases(type)
    return flags_size(type[1].size) if type[0] == :flags

    %i[list map].include?(type[0]) ? 8 : 4
  end

  # Where the fields lie, and where the last one ends.
  def offsets(type)
    fields(type).each_with_object([0]) do |field, offsets|
      start = up(offsets.pop, align(field))
      offsets.push(start, start + size(field))
    end
  end

  def payload_offset(type)
    up(discriminant(type), payload_align(type))
  end

  # @return [Integer] the bytes of a variant's discriminant
  def discriminant(type)
    case cases(type).size
    when ..256 then 1
    when ..65_536 then 2
    else 4
    end
  end

  # @return [Array<String>] the types of the core values
  def flat(type)
    return FLAT.fetch(type, %w[i32]) if type.is_a?(Symbol)
    return fields(type).flat_map { |field| flat(field) } if fields(type)
    return ["i32", *cases(type).map { |_, payload| payload ? flat(payload) : [] }.reduce { |a, b| join(a, b) }] if cases(type)

    %i[list map].include?(type[0]) ? %w[i32 i32] : %w[i32]
  end

  # WAT that stores flat values at an offset of `$at`.
  # @param values [Array<(String, String)>] expressions and their types, in the order of {flat}
  # @return [String]
  def store(type, values, offset = 0)
    return store_fields(type, values.dup, offset) if fields(type)
    return store_variant(type, values, offset) if cases(type)

    instruction = NUMBER_STORES[type] || STORES.fetch(size(type) / values.size)
    values.map.with_index { |(value, _), n| "(#{instruction} offset=#{offset + (4 * n)} (local.get $at) #{value})" }.join(" ")
  end

  def store_fields(type, values, offset)
    fields(type).zip(offsets(type)).map { |field, at| store(field, values.shift(flat(field).size), offset + at) }.join(" ")
  end

  def store_variant(type, values, offset)
    (chosen,), *rest = values
    payloads = cases(type).filter_map.with_index do |(_, payload), index|
      next unless payload

      wanted = flat(payload).zip(rest).map { |core, value| [coerce(value, core), core] }
      "(if (i32.eq #{chosen} (i32.const #{index})) (then #{store(payload, wanted, offset + payload_offset(type))}))"
    end
    ["(#{STORES[discriminant(type)]} offset=#{offset} (local.get $at) #{chosen})", *payloads].join(" ")
  end

  # A value of the type that all cases share, as the type of one case.
  def coerce((value, have), want)
    case [have, want]
    when %w[i32 f32] then "(f32.reinterpret_i32 #{value})"
    when %w[i64 i32] then "(i32.wrap_i64 #{value})"
    when %w[i64 f32] then "(f32.reinterpret_i32 (i32.wrap_i64 #{value}))"
    when %w[i64 f64] then "(f64.reinterpret_i64 #{value})"
    else value
    end
  end

  def join(one, other)
    Array.new([one.size, other.size].max) do |index|
      types = [one[index], other[index]].compact.uniq
      next types.first if types.size == 1

      types.sort == %w[f32 i32] ? "i32" : "i64"
    end
  end

  def payload_align(type)
    cases(type).map { |_, payload| payload ? align(payload) : 1 }.max
  end

  def flags_size(count)
    case count
    when ..8 then 1
    when ..16 then 2
    else 4
    end
  end

  def up(offset, alignment)
    (offset + alignment - 1) / alignment * alignment
  end
end
