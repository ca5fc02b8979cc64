# frozen_string_literal: true

require_relative "nodes"
require_relative "tokenizer"

module Conformance
  # A `(module ...)` or `(component ...)` of a script: its name, and what Wasmtime is to compile.
  class ModuleSource
    MAGIC = "\0asm".b
    # Characters that change the direction of text. Wasmtime's text format takes them only escaped.
    CONFUSING = /[\u202a-\u202e\u2066-\u2069\u206c]/

    # @return [String, nil] such as "$M"
    attr_reader :id

    # @param reader [Reader] which read the form
    # @param list [List]
    def initialize(reader, list)
      @reader = reader
      @list = list
      words = list.rest
      @definition = words.shift if word?(words.first, "definition")
      @id = words.shift.text if words.first.is_a?(Word) && words.first.id?
      @format = words.shift.text if %w[binary quote].any? { |name| word?(words.first, name) }
      @parts = words
    end

    # @param list [List, Object]
    # @return [Boolean] whether it is about a component
    def self.component?(list)
      list.is_a?(List) && list.head == "component"
    end

    # @return [Boolean] whether it is to be compiled and not instantiated
    def definition?
      !@definition.nil?
    end

    # @param engine [Wasmtime::Engine]
    # @return [Wasmtime::Module, Wasmtime::Component::Component]
    # @raise [Wasmtime::CompileError]
    def compile(engine)
      # What does not begin like a binary is text for Module.new, and no bytes at all are a module without fields.
      raise Wasmtime::CompileError, "magic header not detected" if @format == "binary" && !source.start_with?(MAGIC)

      (component? ? Wasmtime::Component::Component : Wasmtime::Module).new(engine, source)
    end

    private

    def source
      @source ||=
        case @format
        when "binary" then bytes.join
        when "quote" then quoted(bytes.join(" ").force_encoding(Encoding::UTF_8))
        else text
        end
    end

    # The fields of a module are a module; those of a component need their parentheses.
    def quoted(fields)
      component? ? "(component #{fields})" : fields
    end

    def component?
      self.class.component?(@list)
    end

    def bytes
      @parts.map { |part| part.is_a?(Text) ? part.bytes : raise(Malformed, "a #{@list.head}'s #{@format} text consists of strings") }
    end

    def text
      from = @list.offset
      head = @definition ? @reader.text(from, @definition.offset) + @reader.text(@definition.finish, @list.finish) : @reader.text(from, @list.finish)
      escaped(head.force_encoding(Encoding::UTF_8))
    end

    def escaped(text)
      text.valid_encoding? ? text.gsub(CONFUSING) { |character| format("\\u{%x}", character.ord) } : text
    end

    def word?(node, text)
      node.is_a?(Word) && node.text == text
    end
  end
end
