# frozen_string_literal: true

module Conformance
  # A script, or a literal in it, that is not written as the format wants it.
  class Malformed < StandardError; end

  # What a script consists of. Offsets are in bytes, `finish` is the offset after the last one.

  # Anything between parentheses.
  List = Struct.new(:items, :offset, :finish) do
    # @return [String, nil] the word the list begins with
    def head
      items.first.text if items.first.is_a?(Word)
    end

    # @return [Array] what follows the first word
    def rest
      items.drop(1)
    end
  end

  # A keyword, a number or an identifier. `$"a b"` is the identifier `$a b`.
  Word = Struct.new(:text, :offset, :finish) do
    def id?
      text.start_with?("$")
    end
  end

  # A string: the bytes it stands for.
  Text = Struct.new(:bytes, :offset, :finish)
end
