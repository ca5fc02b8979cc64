# frozen_string_literal: true

module Conformance
  # The escapes in strings.
  module Escapes
    NAMED = { "t" => "\t", "n" => "\n", "r" => "\r", '"' => '"', "'" => "'", "\\" => "\\" }.transform_values(&:b).freeze
    ESCAPE = /\\(?:([tnr"'\\])|u\{(\h+(?:_\h+)*)\}|(\h\h))/n

    module_function

    # @param text [String] what is between the quotes, as bytes
    # @return [String] the bytes it stands for
    def decode(text)
      text.gsub(ESCAPE) do
        match = Regexp.last_match
        NAMED[match[1]] || (match[2] ? [match[2].delete("_").hex].pack("U").b : match[3].hex.chr)
      end
    end
  end
end
