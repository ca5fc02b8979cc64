# frozen_string_literal: true

require_relative "tokenizer"

module Conformance
  # Reads a script as nested lists, without annotations. Modules nest deeper than Ruby's stack would allow, so it keeps its own.
  class Reader
    # @param source [String]
    def initialize(source)
      @source = source.b
      @newlines = []
      @source.scan(/\n/n) { @newlines << Regexp.last_match.begin(0) }
    end

    # @return [Array<List, Word, Text>]
    # @raise [Malformed]
    def read
      tokens = Tokenizer.new(@source)
      open = [List.new([], 0, 0)]
      while (token = tokens.next)
        take(token, tokens, open)
      end
      raise Malformed, "line #{line(open.last.offset)}: a parenthesis is not closed" if open.size > 1

      open.last.items
    end

    # @return [Integer] the line of an offset, from 1
    def line(offset)
      (@newlines.bsearch_index { |newline| newline >= offset } || @newlines.size) + 1
    end

    # @return [String] what stands between two offsets
    def text(from, to)
      @source.byteslice(from, to - from)
    end

    private

    def take(token, tokens, open)
      case token
      when :open then open.push(List.new([], tokens.start))
      when :annotation then skip_annotation(tokens)
      when :close then close(tokens, open)
      else open.last.items << token
      end
    end

    def close(tokens, open)
      raise Malformed, "line #{line(tokens.start)}: a parenthesis closes nothing" if open.size == 1

      list = open.pop
      list.finish = tokens.finish
      open.last.items << list
    end

    def skip_annotation(tokens)
      start = tokens.start
      depth = 1
      until depth.zero?
        case tokens.next
        when nil then raise Malformed, "line #{line(start)}: an annotation is not closed"
        when :open, :annotation then depth += 1
        when :close then depth -= 1
        end
      end
    end
  end
end
