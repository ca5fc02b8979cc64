# frozen_string_literal: true

require_relative "commands"
require_relative "file_options"
require_relative "reader"

module Conformance
  # A .wast file.
  class Script
    # @param source [String]
    def initialize(source)
      @reader = Reader.new(source)
      @source = source
    end

    # The options its leading lines set.
    # @return [Hash{Symbol => Boolean}]
    def options
      FileOptions.read(@source)
    end

    # @param engine [Wasmtime::Engine]
    # @param report [#start, #finish]
    # @raise [Malformed] when it cannot be read
    def run(engine, report)
      Commands.new(@reader, Instances.new(engine), report).run(lists)
    end

    private

    # A file of a module's fields alone is that module.
    def lists
      lists = @reader.read
      return lists if lists.empty? || lists.any? { |list| command?(list) }

      [List.new([Word.new("module", 0, 0), *lists], lists.first.offset, lists.last.finish)]
    end

    def command?(list)
      !list.is_a?(List) || Commands::KNOWN.include?(list.head)
    end
  end
end
