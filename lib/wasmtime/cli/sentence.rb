# frozen_string_literal: true

module Wasmtime
  module CLI
    # Makes one line of an error, fit for a terminal: names in it may come from a file nobody trusts.
    # @api private
    module Sentence
      PLACE = /^\s*--> <anon>:(\d+):(\d+)$/

      module_function

      # @param error [Exception]
      # @return [String]
      def of(error)
        case error
        when OptionParser::ParseError then printable(error.message.sub(/\s*Did you mean\?\s*(\S+).*/m, ", did you mean --\\1?"))
        when SystemCallError, NoMemoryError then printable(error.message.sub(/ @ \w+/, ""))
        else lines(error.message)
        end
      end

      # @param text [String] a message of Wasmtime: a sentence, and then perhaps a list, or where in a text, or a backtrace of the guest
      # @return [String]
      def lines(text)
        first, *rest = printable(text, "\n").lines(chomp: true)
        line, column = rest.join("\n").match(PLACE)&.captures
        return "#{first} (line #{line}, column #{column})" if line

        first&.end_with?(":") ? "#{first} #{rest.map(&:strip).reject(&:empty?).join('; ')}" : first.to_s
      end

      # @param text [String]
      # @param kept [String] a control character that stays
      # @return [String] valid, without the characters that move a cursor
      def printable(text, kept = "")
        text = text.dup.force_encoding(Encoding::UTF_8) unless text.encoding == Encoding::UTF_8
        text.scrub("?").gsub(/[[:cntrl:]\u202a-\u202e\u2066-\u2069]/) { |character| character == kept ? kept : character.dump[1..-2] }
      end
    end
    private_constant :Sentence
  end
end
