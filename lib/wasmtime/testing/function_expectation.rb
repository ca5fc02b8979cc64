# frozen_string_literal: true

module Wasmtime
  module Testing
    # A function that a module, a component or an instance is expected to export or import.
    # @api private
    class FunctionExpectation < Expectation
      # The direction, and what can be asked.
      SUBJECTS = { export: "a module, a component or an instance of one", import: "a module, a component or an instance of a component" }.freeze

      # @param direction [:export, :import]
      # @param path [Array<String, Symbol>]
      def initialize(direction, path)
        super()
        raise ArgumentError, "#{direction}_func: name the function" if path.empty?

        @direction = direction
        @path = path.map { |name| Wasmtime._name(name) }
        @signature = Signature.new
      end

      # The types of its parameters.
      # @param types [Array<Symbol, String, ValType, Component::Type>] none for a function without parameters
      # @param named [Hash{Symbol => Symbol, String, Component::Type}] with the names that WIT gives them
      # @return [self]
      # @raise [ArgumentError] for a type that does not exist, and for types with and without names
      # @raise [TypeError] for what is no type
      def with(*types, **named)
        @signature.params(types, named)
        self
      end

      # The types of its results.
      # @param types [Array<Symbol, String, ValType, Component::Type>] none for a function without results
      # @return [self]
      # @raise [ArgumentError] for a type that does not exist
      # @raise [TypeError] for what is no type
      def returning(*types)
        @signature.results(types)
        self
      end

      def matches?(actual)
        look_at(actual) && !@type.nil? && @functions.function?(@type) && @signature.accepts?(@type)
      end

      def does_not_match?(actual)
        look_at(actual) && !(@type && @functions.function?(@type) && @signature.accepts?(@type))
      end

      def description
        "#{@direction} the function #{@signature.text(@path)}"
      end

      def failure_message
        message(subject, "to #{@direction} the function", wanted, actual)
      end

      def failure_message_when_negated
        message(subject, "not to #{@direction} the function", wanted, actual)
      end

      private

      def look_at(actual)
        @actual = actual
        @functions = FunctionList.public_send(:"#{@direction}s", actual)
        @found, @type = @functions&.find(@path)
        !@functions.nil?
      end

      def subject
        @actual.inspect
      end

      def wanted
        "\n#{indented(@signature.text(@path))}"
      end

      def actual
        return "it is #{@actual.class}: only #{SUBJECTS[@direction]} has #{@direction}s" unless @functions
        return missing unless @type
        return "it #{@direction}s \"#{@found.join('.')}\" as no function: #{kind}" unless @functions.function?(@type)

        "it #{@direction}s\n#{indented(Signature.text(@found, *Signature.parts(@type)))}"
      end

      def missing
        near = @functions.near(@path)
        list = @functions.list
        "it #{@direction}s no \"#{@path.join('.')}\"#{", did you mean \"#{near}\"?" if near}" \
          "#{list.empty? ? ', and no functions at all' : "\nits functions are#{list}"}"
      end

      def kind
        @type.is_a?(Extern) ? @type.inspect : @type.to_s
      end
    end
    private_constant :FunctionExpectation
  end
end
