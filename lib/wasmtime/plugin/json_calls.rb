# frozen_string_literal: true

module Wasmtime
  class Plugin
    # Ruby objects as JSON, and a guest's JSON as Ruby objects: nothing but Hashes, Arrays, Strings, numbers, true, false and nil comes out of it.
    # @api private
    module JsonCalls
      # Bytes of what a guest gives: a list of empty lists takes fifteen times as much as an object.
      LONGEST = 4 << 20
      DEEPEST = 100

      class << self
        # @param object [Object]
        # @return [String]
        # @raise [JSON::GeneratorError] for what JSON has no words for
        # @raise [JSON::NestingError] for what is nested too deeply
        def generate(object)
          require "json"
          JSON.generate(object, max_nesting: DEEPEST)
        end

        # @param bytes [String] what a guest gives
        # @return [Object]
        # @raise [Faults::Misbehaviour] when it is no JSON, too long or nested too deeply
        def parse(bytes)
          raise Faults::Misbehaviour, "it gave #{bytes.bytesize} bytes of JSON, and may give #{LONGEST}" if bytes.bytesize > LONGEST

          text = bytes.force_encoding(Encoding::UTF_8)
          raise Faults::Misbehaviour, "it gave JSON that is no UTF-8" unless text.valid_encoding?

          JSON.parse(text, create_additions: false, max_nesting: DEEPEST, allow_nan: false, object_class: nil, array_class: nil)
        rescue JSON::ParserError => e
          raise Faults::Misbehaviour, "it gave no JSON: #{e.message}"
        end
      end
    end
    private_constant :JsonCalls
  end
end
