# frozen_string_literal: true

require "json"

module Wasmtime
  module CLI
    # Words of the command line as values of WebAssembly, and the other way round.
    # @api private
    module Values
      SPECIAL = { "inf" => Float::INFINITY, "-inf" => -Float::INFINITY, "nan" => Float::NAN }.freeze
      INTEGERS = %i[s8 u8 s16 u16 s32 u32 s64 u64 i32 i64].freeze

      module_function

      # @param types [Array<Symbol, ValType>]
      # @param words [Array<String>]
      # @return [Array<Integer, Float>]
      # @raise [UsageError] for a wrong number of words, or one that is no value of its type
      def of_module(types, words)
        counted(types, words)
        types.each_with_index.map { |type, index| number(type, words[index], "argument #{index + 1}") }
      end

      # @param params [Hash{String => Symbol, Component::Type}]
      # @param words [Array<String>]
      # @return [Array<Object>]
      # @raise [UsageError] for a wrong number of words, or one that is no value of its type
      def of_component(params, words)
        counted(params.map { |name, type| "#{name}: #{Component::FuncType.new({ name => type }).to_s[/: (.*)\)\z/, 1]}" }, words)
        params.each_with_index.map { |(name, type), index| value(type, words[index], "argument #{name}") }
      end

      # @param value [Object] a result
      # @return [String] a text as it is, anything else as JSON where that can say it
      def text(value)
        case value
        when String then value
        when Array, Hash then JSON.generate(value)
        when nil then "null"
        when Numeric, true, false then value.to_s
        else value.inspect
        end
      rescue JSON::GeneratorError
        value.inspect
      end

      def counted(types, words)
        return if types.size == words.size

        raise UsageError, "the function takes #{types.size} argument#{'s' unless types.size == 1}" \
                          "#{" (#{types.join(', ')})" unless types.empty?}, got #{words.size}"
      end

      def value(type, word, place)
        case type
        when :bool then { "true" => true, "false" => false }.fetch(word) { refuse(place, "true or false", word) }
        when :string, :char, Component::EnumType then word
        when Symbol then number(type, word, place)
        else json(type, word, place)
        end
      end

      def number(type, word, place)
        case type
        when *INTEGERS then integer(type, word, place)
        when :f32, :f64 then SPECIAL[word.downcase] || Float(word, exception: false) || refuse(place, type, word)
        else raise UsageError, "#{place}: no word stands for a value of type #{type}, call the function from Ruby"
        end
      end

      def integer(type, word, place)
        number = Integer(word, word.match?(/\A[-+]?0x/i) ? 16 : 10, exception: false)
        bits = type[1..].to_i
        low = type.start_with?("u") ? 0 : -(2**(bits - 1))
        high = type.start_with?("s") ? (2**(bits - 1)) - 1 : (2**bits) - 1
        number&.between?(low, high) ? number : refuse(place, "#{type} (#{low} to #{high})", word)
      end

      def json(type, word, place)
        JSON.parse(word, max_nesting: 100)
      rescue JSON::ParserError
        refuse(place, "JSON for #{type}", word)
      end

      def refuse(place, expected, word)
        raise UsageError, "#{place}: expected #{expected}, got #{word.inspect}"
      end
    end
    private_constant :Values
  end
end
