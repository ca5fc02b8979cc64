# frozen_string_literal: true

require_relative "../../conformance/wast/reader"

RSpec.describe Conformance::Reader do
  def read(source)
    described_class.new(source).read
  end

  # Nodes as nested Arrays: words as Symbols, strings as Strings.
  def plain(node)
    case node
    when Conformance::List then node.items.map { |item| plain(item) }
    when Conformance::Word then node.text.to_sym
    else node.bytes
    end
  end

  def tree(source)
    read(source).map { |node| plain(node) }
  end

  it "nests lists, words and strings" do
    expect(tree('(module $m (func (export "f")))(get"g")')).to eq [[:module, :$m, [:func, [:export, "f"]]], [:get, "g"]]
  end

  it "reads what is no form by itself" do
    expect(tree("a 1 \"b\"")).to eq [:a, :"1", "b"]
  end

  it "finds nothing in an empty script" do
    expect(tree(" \n\t;; nothing\n")).to eq []
  end

  it "leaves out comments of a line and of a block, which nest" do
    expect(tree("(a ;; (b \" \n c (; x (; ) ;) \" ;) d)")).to eq [%i[a c d]]
  end

  it "takes a carriage return as the end of a comment's line" do
    expect(tree("(a ;; b\rc)")).to eq [%i[a c]]
  end

  it "leaves out annotations, whatever they contain" do
    expect(tree("(@x) ((@a \") (\" (b) (@c ;; ) \n) [ , ; ] }} ) module (@\"q r\" $y) $m (@ x))")).to eq [%i[module $m]]
  end

  it "decodes the escapes of strings into bytes" do
    expect(tree('"\t\n\r\"\\\'\\\\ \00\fFa \u{20AC}\u{1_F600}"')).to eq ["\t\n\r\"'\\ \x00\xFFa \u20AC\u{1F600}".b]
  end

  it "keeps the bytes of what is no UTF-8" do
    expect(tree("\"\xFF\"")).to eq ["\xFF".b]
  end

  it "reads identifiers in quotes as the same identifiers" do
    expect(tree('$a $"a" $"b\u{20}c"').map { |id| id.name.b }).to eq ["$a", "$a", "$b c"]
  end

  it "reads modules that nest deeper than Ruby calls could" do
    depth = 100_000
    node = read("#{'(' * depth}#{')' * depth}").first
    (depth - 1).times { node = node.items.first }
    expect(node.items).to eq []
  end

  describe "places" do
    source = "(a)\n\n (\u00e9\n b)\n"
    reader = described_class.new(source)
    first, second = described_class.new(source).read

    it "are lines that count from one" do
      expect([first, second, second.items.last].map { |node| reader.line(node.offset) }).to eq [1, 3, 4]
    end

    it "are offsets in bytes, so that the text of a form can be taken as it is" do
      expect(reader.text(second.offset, second.finish)).to eq "(\u00e9\n b)".b
    end
  end

  describe "what cannot be read" do
    {
      "(a\n(b" => "line 2: a parenthesis is not closed", "\n)" => "line 2: a parenthesis closes nothing", '"a' => "a string has no end",
      "(; (; ;)" => "a comment has no end", "\n(@a (b)" => "line 2: an annotation is not closed"
    }.each do |text, message|
      it "is named: #{message}" do
        expect { read(text) }.to raise_error(Conformance::Malformed, message)
      end
    end
  end
end
