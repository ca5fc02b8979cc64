# frozen_string_literal: true

require "open3"
require "rbconfig"
require_relative "../../examples/prism/parser"

RSpec.describe "the prism example" do
  root = File.expand_path("../..", __dir__)
  wasm = File.join(root, "fixtures/prism.wasm")

  before(:all) do
    skip "fixtures/prism.wasm is missing: run `rake fixtures`" unless File.file?(wasm)
    @parser = PrismParser.new(wasm)
  end

  def parse(source)
    @parser.parse(source)
  end

  def counts(source)
    parse(source).root.each.map(&:type).tally
  end

  def names(source, type)
    parse(source).root.each.select { |node| node.type == type }.map { |node| node.fields.first }
  end

  snippet = <<~'RUBY'
    # A comment.
    class Greeter < Base
      LIMIT = 2**70

      def greet(name, *rest, times: 1)
        @count ||= 0
        return "Hello, #{name}" if times == 1.5

        rest.map { |item| item.to_s + "é" }
      end
    end
  RUBY

  it "finds every node of a snippet" do
    expect(counts(snippet)).to eq(
      "ProgramNode" => 1, "StatementsNode" => 6, "ClassNode" => 1, "ConstantReadNode" => 2, "ConstantWriteNode" => 1, "CallNode" => 5,
      "IntegerNode" => 4, "ArgumentsNode" => 4, "DefNode" => 1, "ParametersNode" => 2, "RequiredParameterNode" => 2,
      "OptionalKeywordParameterNode" => 1, "RestParameterNode" => 1, "InstanceVariableOrWriteNode" => 1, "IfNode" => 1,
      "LocalVariableReadNode" => 4, "FloatNode" => 1, "ReturnNode" => 1, "InterpolatedStringNode" => 1, "StringNode" => 2,
      "EmbeddedStatementsNode" => 1, "BlockNode" => 1, "BlockParametersNode" => 1
    )
  end

  it "reads names, numbers and strings" do
    expect(names(snippet, "DefNode")).to eq(["greet"])
    expect(names(snippet, "RequiredParameterNode")).to eq(%w[name item])
    expect(names("[2, -3, #{2**70}, -#{2**64}]", "IntegerNode")).to eq([2, -3, 2**70, -(2**64)])
    expect(names("[1.5, -0.25]", "FloatNode")).to eq([1.5, -0.25])
    strings = parse('["é", "\u00e9", %q(a)]').root.each.select { |node| node.type == "StringNode" }
    expect(strings.map { |node| node.fields.last }).to eq(%w[é é a])
  end

  it "tells where a node stands" do
    definition = parse(snippet).root.each.find { |node| node.type == "DefNode" }
    text = snippet.byteslice(definition.location.offset, definition.location.bytesize)
    expect(text).to start_with("def greet").and end_with("end")
  end

  it "tells comments, warnings and errors" do
    expect(parse(snippet)).to have_attributes(errors: [], version: "1.9.0", encoding: "UTF-8", comments: [have_attributes(offset: 0)])
    expect(parse("def x; 1 +; end").errors.map(&:message)).to include(/expected an expression after the operator/)
    expect(parse("if a = 1 then end").warnings.map(&:message)).to include(/found '= literal'/)
  end

  it "parses an empty program and one with null bytes after __END__" do
    expect(counts("")).to eq("ProgramNode" => 1, "StatementsNode" => 1)
    expect(counts("1\n__END__\n\0\xff".b)).to include("IntegerNode" => 1)
  end

  it "agrees with Ruby on the methods every file of the project defines" do
    files = Dir[File.join(root, "{lib,spec,examples,bench,rakelib,ext/wasmtime_rb}/**/*.{rb,rake}")]
    expect(files).not_to be_empty
    files.each do |file|
      source = File.read(file, encoding: "UTF-8")
      expect(names(source, "DefNode").sort).to eq(definitions(RubyVM::AbstractSyntaxTree.parse(source))), file
    end
  end

  def definitions(node, found = [])
    case node
    when Array then node.each { |child| definitions(child, found) }
    when RubyVM::AbstractSyntaxTree::Node
      found << node.children[node.type == :DEFN ? 0 : 1].name if %i[DEFN DEFS].include?(node.type)
      definitions(node.children, found)
    end
    found.sort
  end

  it "prints what it found" do
    output, error, status = Open3.capture3(RbConfig.ruby, "-I#{File.join(root, 'lib')}", "examples/prism.rb", chdir: root)
    expect(status).to be_success, error
    expect(output).to match(/\Ainstance\.rb, \d+ bytes, parsed by prism 1\.9\.0 in WebAssembly\n\d+ nodes of \d+ types/)
    expect(output).to match(/^ +\d+ CallNode$/).and include("methods defined: new,").and end_with("no syntax errors\n")
  end

  it "fails for a file with a syntax error" do
    require "tempfile"
    Tempfile.create(["broken", ".rb"]) do |file|
      file.write("x = 1\ndef x; 1 +; end")
      file.close
      output, _, status = Open3.capture3(RbConfig.ruby, "-I#{File.join(root, 'lib')}", "examples/prism.rb", file.path, chdir: root)
      expect(status).not_to be_success
      expect(output).to match(/^error in line 2: .*expected an expression/)
    end
  end
end
