# frozen_string_literal: true

module Wasmtime
  module Testing
    # What is expected of the type of a function: its parameters, its results, either or nothing.
    # @api private
    class Signature
      KNOWN = (ValType::SYMBOLS + Component::Type::PRIMITIVES).uniq.freeze
      UNSPECIFIED = "..."

      class << self
        # A function with its type, the same for modules and components: `add(i32, i32) -> i32`.
        # @param params [Array<Array(String, Object)>, nil] names, or nil, and types; nil for any
        # @param results [Array<Object>, nil] nil for any
        # @return [String]
        def text(path, params, results)
          inside = params.nil? ? UNSPECIFIED : params.map { |name, type| [*name, type(type)].join(": ") }.join(", ")
          "#{path.join('.')}(#{inside}) -> #{results(results)}"
        end

        # @param type [FuncType, Component::FuncType]
        # @return [Array(Array, Array)] named parameters and results
        def parts(type)
          return [type.params.to_a, [type.result].compact] if type.is_a?(Component::FuncType)

          [type.params.map { |param| [nil, param] }, type.results]
        end

        private

        def results(types)
          return UNSPECIFIED if types.nil?

          types.size == 1 ? type(types.first) : "(#{types.map { |type| type(type) }.join(', ')})"
        end

        def type(type)
          type.is_a?(Symbol) ? type.name.tr("_", "-") : type.to_s
        end
      end

      # @param types [Array<Symbol, String, ValType, Component::Type>]
      # @param named [Hash{Symbol => Symbol, String, Component::Type}] with names, which only components have
      # @return [void]
      # @raise [ArgumentError] for a type that does not exist, and for types with and without names
      # @raise [TypeError] for what is no type
      def params(types, named)
        raise ArgumentError, "with: give every parameter a name, or none" unless types.empty? || named.empty?

        @params = types.map { |type| [nil, check(type)] } + named.map { |name, type| [name.name.tr("_", "-"), check(type)] }
      end

      # @param types [Array<Symbol, String, ValType, Component::Type>]
      # @return [void]
      # @raise [ArgumentError] for a type that does not exist
      # @raise [TypeError] for what is no type
      def results(types)
        @results = types.map { |type| check(type) }
      end

      # @param type [FuncType, Component::FuncType]
      # @return [Boolean]
      def accepts?(type)
        params, results = Signature.parts(type)
        (@params.nil? || params?(params)) && (@results.nil? || types?(@results, results))
      end

      # @return [String]
      def text(path)
        Signature.text(path, @params, @results)
      end

      private

      def check(type)
        return type if type.is_a?(ValType) || type.is_a?(Component::Type) || type.is_a?(String)
        raise TypeError, "expected a type such as :i32 or \"list<u8>\", got #{type.inspect}" unless type.is_a?(Symbol)
        return type if KNOWN.include?(type)

        near = DidYouMean::SpellChecker.new(dictionary: KNOWN).correct(type).first
        raise ArgumentError, "there is no type #{type.inspect}#{", did you mean #{near.inspect}?" if near} (known: #{KNOWN.join(', ')})"
      end

      def params?(actual)
        types?(@params.map(&:last), actual.map(&:last)) &&
          @params.zip(actual).all? { |(wanted, _), (name, _)| wanted.nil? || wanted == name }
      end

      def types?(wanted, actual)
        wanted.size == actual.size && wanted.zip(actual).all? { |one, other| type?(one, other) }
      end

      # A text is the type as WIT or the text format has it.
      def type?(wanted, actual)
        return wanted.strip == (actual.is_a?(Symbol) ? actual.name.tr("_", "-") : actual.to_s) if wanted.is_a?(String)

        wanted == actual || (wanted.is_a?(ValType) && wanted.to_sym == actual)
      end
    end
    private_constant :Signature
  end
end
