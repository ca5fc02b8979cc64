# frozen_string_literal: true

module Wasmtime
  class Plugin
    # Calls functions of a component that take and give a text or bytes, as their types in WIT say.
    # @api private
    class ComponentBytesCalls
      BYTES = Component::ListType.new(:u8)
      private_constant :BYTES

      # @param program [ComponentProgram]
      def initialize(program)
        @program = program
        @checked = {}
      end

      # @param guest [Guest]
      # @param target [Array<String>] where the function is
      # @param string [String]
      # @return [String] ASCII-8BIT
      # @raise [Faults::Misbehaviour] when its result is an error
      # @raise [Error] when the function takes or gives something else
      # @raise [EncodingError] when it takes a text, and the String is no UTF-8
      def call(guest, target, string, **)
        type = @checked[target] ||= check(target)
        text = type.params.each_value.first == :string
        result = guest.call_with_string(target, text ? text(string) : string.b)
        (result.is_a?(Component::Result) ? value(result) : result).to_s.b
      end

      private

      def check(target)
        type = @program.type(target)
        result = type.result
        result = result.ok if result.is_a?(Component::ResultType)
        return type if type.params.size == 1 && string?(type.params.each_value.first) && string?(result)

        raise Error, "call_bytes needs a function of a string or list<u8> that gives one, or a result of it: #{target.join('#')} is #{type}"
      end

      def string?(type)
        [:string, BYTES].include?(type)
      end

      def text(string)
        string.encoding == Encoding::BINARY ? string.dup.force_encoding(Encoding::UTF_8) : string
      end

      def value(result)
        result.value!
      rescue Component::ResultError => e
        raise Faults::Misbehaviour, "it gave an error: #{e.value.inspect}"
      end
    end
    private_constant :ComponentBytesCalls
  end
end
