# frozen_string_literal: true

module Wasmtime
  class Plugin
    # Text that a guest or a plugin's author had a say in, for logs and messages: one line, valid UTF-8, and nothing in it that steers a terminal,
    # forges an entry or turns the direction of writing around.
    # @api private
    module Untrusted
      # Characters of a line; what is over them is counted.
      LONGEST = 2000
      # Control and format characters, and the separators of lines and paragraphs.
      UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/

      module_function

      # @param text [String, #to_s]
      # @param most [Integer] characters
      # @return [String] a copy that can be shown
      def line(text, most = LONGEST)
        # A character has four bytes at most, so that what is cut off need not be looked at.
        text = text.to_s
        head = text.byteslice(0, (most + 1) * 4).force_encoding(Encoding::UTF_8).scrub
        return safe(head) unless head.length > most

        head = head[0, most]
        "#{safe(head)}... (#{text.bytesize - head.bytesize} bytes more)"
      end

      # What somebody may have meant.
      # @return [String]
      def hint(name, known)
        near = DidYouMean::SpellChecker.new(dictionary: known).correct(name.to_s).first
        near ? ", did you mean #{near.inspect}?" : ""
      end

      def safe(text)
        text.gsub(UNSAFE) { |character| escape(character) }
      end

      def escape(character)
        code = character.ord
        code < 0x80 ? format("\\x%02X", code) : format("\\u{%04X}", code)
      end
      private_class_method :safe, :escape
    end
    private_constant :Untrusted
  end
end
