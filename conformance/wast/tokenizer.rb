# frozen_string_literal: true

require "strscan"
require_relative "escapes"
require_relative "nodes"

module Conformance
  # Cuts a script into tokens. Comments are left out; what a comment or an annotation may contain is no error here, since the modules in which
  # they stand are judged by Wasmtime.
  class Tokenizer
    SPACE = /(?:[ \t\n\r]+|;;[^\n\r]*)+/n
    STRING = /"((?:[^"\\]|\\.)*)"/mn
    QUOTED_ID = /\$"((?:[^"\\]|\\.)*)"/mn
    WORD = /[^ \t\n\r();"]+|;/n

    # @param source [String]
    def initialize(source)
      @scanner = StringScanner.new(source.b)
    end

    # @return [Symbol, Word, Text, nil] :open, :annotation, :close, a node, or nil at the end
    def next
      skip_space
      @start = @scanner.pos
      return if @scanner.eos?

      parenthesis || node || raise(Malformed, "a string has no end")
    end

    # @return [Integer] where the last token begins
    attr_reader :start

    # @return [Integer] where the last token ended
    def finish
      @scanner.pos
    end

    private

    def parenthesis
      if @scanner.skip(/\(@/n) then :annotation
      elsif @scanner.skip(/\(/n) then :open
      elsif @scanner.skip(/\)/n) then :close
      end
    end

    def node
      if @scanner.skip(STRING) then Text.new(Escapes.decode(@scanner[1]), @start, finish)
      elsif @scanner.skip(QUOTED_ID) then Word.new("$#{Escapes.decode(@scanner[1])}", @start, finish)
      elsif (text = @scanner.scan(WORD)) then Word.new(text, @start, finish)
      end
    end

    def skip_space
      nil while @scanner.skip(SPACE) || block_comment
    end

    # Block comments nest.
    def block_comment
      return unless @scanner.skip(/\(;/n)

      depth = 1
      until depth.zero?
        raise Malformed, "a comment has no end" unless @scanner.skip_until(/\(;|;\)/n)

        depth += @scanner.matched == "(;" ? 1 : -1
      end
      true
    end
  end
end
