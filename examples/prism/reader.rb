# frozen_string_literal: true

require_relative "layouts"
require_relative "input"

# Reads the tree that prism 1.9 serializes.
module PrismReader
  class FormatError < StandardError; end

  # A part of the source, in bytes.
  Location = Struct.new(:offset, :bytesize)
  # A problem prism found: an error or a warning.
  Problem = Struct.new(:message, :location)

  # A node: its type ("DefNode"), where it stands, and its fields in prism's order: nodes, lists, names, locations, numbers, strings.
  Node = Struct.new(:type, :location, :flags, :fields) do
    # Calls the block with this node and every one below it.
    def each(&block)
      return enum_for(:each) unless block

      yield self
      fields.flatten.each { |field| field.each(&block) if field.is_a?(Node) }
    end
  end

  Result = Struct.new(:version, :encoding, :comments, :errors, :warnings, :root)

  class << self
    # @param bytes [String] what pm_serialize_parse wrote
    # @param source [String] the program it parsed
    # @return [Result]
    def read(bytes, source)
      input = Input.new(bytes, source)
      result = Result.new(header(input), input.take(input.varint))
      input.varint # the number of the first line
      input.list { input.varint } # where lines begin
      result.comments = input.list { [input.varint, input.location].last }
      input.list { [input.location, input.location] } # magic comments
      input.optional_location # of __END__
      result.errors = input.list { problem(input) }
      result.warnings = input.list { problem(input) }
      result.root = Tree.new(input).root
      result
    end

    private

    def header(input)
      raise FormatError, "this is no serialized prism tree" unless input.take(5) == "PRISM"

      version = Array.new(3) { input.byte }
      raise FormatError, "this is prism #{version.join('.')}, expected 1.9" unless version.first(2) == [1, 9]
      raise FormatError, "the tree has no locations" unless input.byte.zero?

      version.join(".")
    end

    def problem(input)
      input.varint # its type
      problem = Problem.new(input.take(input.varint).force_encoding(Encoding::UTF_8), input.location)
      input.byte # its level
      problem
    end
  end

  # The nodes behind the metadata, depth first.
  class Tree
    def initialize(input)
      @input = input
      @pool = input.uint32
      @constants = Array.new(input.varint)
    end

    def root
      root = node
      raise FormatError, "the tree ends at #{@input.position}, its pool begins at #{@pool}" unless @input.position == @pool

      root
    end

    private

    def node(type = @input.byte)
      raise FormatError, "unknown type of node: #{type}" unless type.between?(1, LAYOUTS.size)

      name, fields = LAYOUTS[type - 1]
      @input.varint # its id
      location = @input.location
      @input.uint32 if name == "DefNode"
      Node.new(name, location, @input.varint, fields.map { |kind| field(kind) })
    end

    def field(kind)
      case kind
      when :n then node
      when :o then @input.byte.then { |type| node(type) unless type.zero? }
      when :* then @input.list { node }
      when :c then constant
      when :"#" then @input.list { constant }
      when :l then @input.location
      when :m then @input.optional_location
      when :s then @input.string
      when :i then @input.integer
      when :f then @input.double
      when :v then @input.varint
      when :b then @input.byte
      end
    end

    def constant
      index = @input.varint
      @constants[index - 1] ||= @input.pool_entry(@pool, index - 1) if index.positive?
    end
  end
  private_constant :Tree
end
