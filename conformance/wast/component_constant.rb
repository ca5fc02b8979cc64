# frozen_string_literal: true

require_relative "float_literal"
require_relative "int_literal"

module Conformance
  # Arguments of a component's functions: `(u8.const 1)`, `(list.const ...)` and the like, as the values Ruby passes. What a constant is has to be
  # what the function takes: Ruby alone would take an Integer for any of them.
  module ComponentConstant
    INTEGERS = %w[s8 u8 s16 u16 s32 u32 s64 u64].to_h { |name| ["#{name}.const", name.to_sym] }.freeze
    FLOATS = { "f32.const" => :f32, "f64.const" => :f64 }.freeze
    # The forms that are not numbers, and the class of their types; what is a Symbol has no class.
    FORMS = {
      "bool.const" => :bool, "char.const" => :char, "str.const" => :string, "list.const" => :ListType, "map.const" => :MapType,
      "record.const" => :RecordType, "tuple.const" => :TupleType, "variant.const" => :VariantType, "enum.const" => :EnumType,
      "option.none" => :OptionType, "option.some" => :OptionType, "result.ok" => :ResultType, "result.err" => :ResultType,
      "flags.const" => :FlagsType
    }.merge(INTEGERS, FLOATS).freeze

    module_function

    # @param list [List]
    # @param type [Symbol, Object] of {Wasmtime::Component}
    # @return [Object]
    # @raise [Malformed] when it is no constant of the type
    def value(list, type)
      raise Malformed, "#{list.head.inspect} is no #{type}" unless of?(list, type)

      case list.head
      when *INTEGERS.keys then integer(list, type)
      when "f32.const" then Wasmtime::FloatBits.f32(FloatLiteral::F32.bits(word(list)))
      when "f64.const" then Wasmtime::FloatBits.f64(FloatLiteral::F64.bits(word(list)))
      when "bool.const" then boolean(list)
      when "char.const", "str.const", "enum.const" then text(list.rest.first)
      when "flags.const" then list.rest.map { |name| text(name) }
      else composed(list, type)
      end
    end

    # @return [Boolean] whether a constant has the form of the type
    def of?(list, type)
      form = FORMS.fetch(list.head) { raise Malformed, "#{list.head.inspect} is no value of a component" }
      type.is_a?(Symbol) ? form == type : type.class.name.end_with?("::#{form}")
    end

    def integer(list, type)
      bits = type.name[1..].to_i
      number = IntLiteral.parse(word(list), bits)
      type.start_with?("u") && number.negative? ? number + (1 << bits) : number
    end

    def boolean(list)
      { "true" => true, "false" => false }.fetch(word(list)) { |other| raise Malformed, "#{other.inspect} is neither true nor false" }
    end

    def composed(list, type)
      case list.head
      when "list.const" then list.rest.map { |item| value(item, type.element) }
      when "map.const" then list.rest.to_h { |entry| entry.rest.zip([type.key, type.value]).map { |pair| value(*pair) } }
      when "record.const" then fields(list).to_h { |name, field| [name, value(field, member(type.fields, name))] }
      when "tuple.const" then list.rest.zip(type.types).map { |item, kind| value(item, kind || raise(Malformed, "#{type} has fewer items")) }
      when "variant.const" then variant(list, type)
      when "option.none" then nil
      when "option.some" then Wasmtime::Component::Some.new(value(list.rest.first, type.type))
      when "result.ok" then Wasmtime::Component::Result.ok(payload(list.rest.first, type.ok))
      when "result.err" then Wasmtime::Component::Result.error(payload(list.rest.first, type.error))
      end
    end

    def variant(list, type)
      name, item = list.rest
      Wasmtime::Component::Variant.new(text(name), payload(item, member(type.cases, text(name))))
    end

    def payload(item, type)
      return if item.nil? && type.nil?
      raise Malformed, "a payload is #{type ? 'missing' : 'one too many'}" if item.nil? || type.nil?

      value(item, type)
    end

    # @return [Array<(String, List)>] the fields of a `(record.const (field "x" u8.const 1))`
    def fields(list)
      list.rest.map { |field| [text(field.items[1]), List.new(field.items.drop(2), field.offset, field.finish)] }
    end

    def member(members, name)
      members.fetch(name) { raise Malformed, "there is no #{name.inspect}" }
    end

    def word(list)
      item = list.rest.first
      item.is_a?(Word) ? item.text : raise(Malformed, "#{list.head} needs a literal")
    end

    def text(node)
      node.is_a?(Text) ? node.bytes.dup.force_encoding(Encoding::UTF_8) : raise(Malformed, "a name or a text is missing")
    end
  end
end
