# frozen_string_literal: true

require_relative "script_runs"

RSpec.describe Conformance::ComponentConstant do
  # The types that constants are compared with, as a component has them.
  let(:types) do
    component = Wasmtime::Component::Component.new(<<~WAT)
      (component
        (type $r' (record (field "a" u8) (field "b-c" (list string)))) (import "r" (type $r (eq $r')))
        (type $v' (variant (case "none") (case "one" f32))) (import "v" (type $v (eq $v')))
        (type $e' (enum "x" "y")) (import "e" (type $e (eq $e')))
        (type $f' (flags "r" "w")) (import "f" (type $f (eq $f')))
        (import "all" (func (param "r" $r) (param "v" $v) (param "e" $e) (param "f" $f) (param "t" (tuple u8 char)) (param "o" (option (option s64)))
          (param "res" (result u16 (error string))) (param "unit" (result)))))
    WAT
    component.imports.fetch("all").params
  end
  let(:component) { Wasmtime::Component }

  def list(text) = Conformance::Reader.new(text).read.first
  def value(text, type) = described_class.value(list(text), type)

  # Whether a constant is a value.
  def match?(text, value, type) = Conformance::ComponentResult.new(value, type).match?(list(text))

  {
    "(bool.const true)" => [:bool, true], "(s8.const -128)" => [:s8, -128], "(s8.const 0xff)" => [:s8, -1], "(u8.const 255)" => [:u8, 255],
    "(u8.const -1)" => [:u8, 255], "(u64.const 18446744073709551615)" => [:u64, (2**64) - 1], "(f32.const 0.1)" => [:f32, 0.10000000149011612],
    "(f64.const -0)" => [:f64, -0.0], "(char.const \"\\u{1f600}\")" => [:char, "😀"], "(str.const \"a\\00\\c3\\a9\")" => [:string, "a\0é"]
  }.each do |text, (type, value)|
    it "reads #{text}, and knows it again" do
      expect(value(text, type)).to eql(value)
      expect(match?(text, value, type)).to be true
    end
  end

  it "reads what is made of others, and knows it again" do
    {
      '(record.const (field "a" u8.const 1) (field "b-c" list.const (str.const "x")))' => ["r", { "a" => 1, "b-c" => ["x"] }],
      '(variant.const "none")' => ["v", component::Variant.new("none")],
      '(variant.const "one" (f32.const 1.5))' => ["v", component::Variant.new("one", 1.5)],
      '(enum.const "y")' => %w[e y], '(flags.const "r" "w")' => ["f", %w[r w]], '(tuple.const (u8.const 1) (char.const "c"))' => ["t", [1, "c"]],
      "(option.none)" => ["o", nil], "(option.some (option.none))" => ["o", component::Some.new(nil)],
      "(result.ok (u16.const 3))" => ["res", component::Result.ok(3)], '(result.err (str.const "e"))' => ["res", component::Result.error("e")],
      "(result.ok)" => ["unit", component::Result.ok], "(result.err)" => ["unit", component::Result.error]
    }.each do |text, (name, value)|
      expect(value(text, types.fetch(name))).to eql(value)
      expect(match?(text, value, types.fetch(name))).to be true
    end
  end

  it "takes a value inside of options as it comes out" do
    expect(value("(option.some (option.some (s64.const 5)))", types["o"])).to eq(component::Some.new(component::Some.new(5)))
    expect(match?("(option.some (option.some (s64.const 5)))", 5, types["o"])).to be true
    expect(match?("(option.some (option.none))", nil, types["o"])).to be false
    expect(match?("(option.none)", component::Some.new(nil), types["o"])).to be false
  end

  {
    "(u8.const 1)" => [:u8, 2], "(f32.const 0)" => [:f32, -0.0], "(f64.const nan)" => [:f64, 0.0], "(str.const \"a\")" => [:string, "b"],
    "(bool.const false)" => [:bool, true], "(s8.const 1)" => [:u8, 1]
  }.each { |text, (type, value)| it("tells #{text} from #{value}") { expect(match?(text, value, type)).to be false } }

  it "tells other fields, cases, items, flags and payloads" do
    {
      '(record.const (field "a" u8.const 1) (field "b-c" list.const))' => ["r", { "a" => 1, "b-c" => ["x"] }],
      '(record.const (field "a" u8.const 1))' => ["r", { "a" => 1, "b-c" => [] }],
      '(variant.const "none")' => ["v", component::Variant.new("one", 1.5)],
      '(variant.const "one" (f32.const 2))' => ["v", component::Variant.new("one", 1.5)],
      '(enum.const "x")' => %w[e y], '(flags.const "r")' => ["f", %w[r w]], "(tuple.const (u8.const 1))" => ["t", [1, "c"]],
      "(result.ok (u16.const 3))" => ["res", component::Result.ok(4)], '(result.err (str.const "e"))' => ["res", component::Result.ok(4)],
      "(result.ok)" => ["unit", component::Result.error]
    }.each { |text, (name, value)| expect(match?(text, value, types.fetch(name))).to be(false), text }
  end

  it "knows any NaN that scripts name" do
    expect([match?("(f32.const nan:canonical)", Float::NAN, :f32), match?("(f64.const nan:arithmetic)", Float::NAN, :f64)]).to eq [true, true]
  end

  {
    ["(i32.const 1)", :u8] => '"i32.const" is no value of a component',
    ["(u8.const x)", :u8] => '"x" is no integer', ["(u8.const)", :u8] => "u8.const needs a literal",
    ["(bool.const 1)", :bool] => '"1" is neither true nor false', ["(s16.const 1)", :string] => '"s16.const" is no string',
    ["(str.const 1)", :string] => "a name or a text is missing", ["(u16.const 65536)", :u16] => "65536 does not fit into 16 bits"
  }.each do |(text, type), message|
    it("refuses #{text} as #{type}") { expect { value(text, type) }.to raise_error(Conformance::Malformed, message) }
  end

  it "refuses names and payloads that the type has not" do
    {
      '(variant.const "two")' => ["v", 'there is no "two"'], '(variant.const "one")' => ["v", "a payload is missing"],
      '(variant.const "none" (u8.const 1))' => ["v", "a payload is one too many"],
      "(result.ok (u8.const 1))" => ["unit", "a payload is one too many"], '(record.const (field "z" u8.const 1))' => ["r", 'there is no "z"'],
      '(tuple.const (u8.const 1) (char.const "c") (u8.const 1))' => ["t", /has fewer items/]
    }.each { |text, (name, message)| expect { value(text, types.fetch(name)) }.to raise_error(Conformance::Malformed, message) }
  end
end
