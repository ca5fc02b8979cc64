# frozen_string_literal: true

# JavaScript as a component: its functions take and give Ruby's values, its classes are Ruby objects, and it calls an interface written in
# Ruby. javascript_component/ has the JavaScript and its WIT; `rake fixtures:javascript_component` builds it with npm's componentize-js first.
#
#   ruby -Ilib examples/javascript_component.rb
require "wasmtime"

wasm = File.expand_path("../fixtures/javascript_component.wasm", __dir__)
abort "#{wasm} is missing: run `rake fixtures:javascript_component` first." unless File.file?(wasm)

# The interface example:shop/warehouse: a resource, and a function.
class Shelf
  PRICES = { "apple" => 30, "pear" => 45, "pineapple" => 399 }.freeze

  # WIT: open: static func(article: string) -> result<shelf, string>
  def self.open(article)
    raise Wasmtime::Component::ResultError, "we do not sell #{article}" unless PRICES.key?(article)

    new(article)
  end

  attr_reader :price

  def initialize(article)
    @price = PRICES.fetch(article)
    @left = 5
  end

  # WIT: take: func(count: u32) -> result<_, u32>
  def take(count)
    raise Wasmtime::Component::ResultError, @left if count > @left

    @left -= count
    nil
  end
end

# The JavaScript engine is 12 MB: Winch compiles it in a second, Cranelift, which is the default, to faster code in ten.
engine = Wasmtime::Engine.new(strategy: :winch)
component = Wasmtime::Component::Component.from_file(engine, wasm)
puts "imports #{component.imports.keys.join}, exports #{component.exports.keys.join}"

linker = Wasmtime::Component::Linker.new(engine)
linker.define_all("example:shop/warehouse" => { shelf: Shelf, log: ->(level, text) { puts "#{level}: #{text}" } })
shop = linker.instantiate(Wasmtime::Store.new(engine), component)["example:shop/carts"]

puts "", "A class, and errors as results:"
cart = shop["cart"].new("Ada")
puts cart.add("pineapple", 1).value!.to_a.join(" ")
[["apple", 7], ["kiwi", 1], ["apple", 4]].each do |article, count|
  case cart.add(article, count)
  in { ok: line } then puts "#{line['count']} of #{line['article']}"
  in { error: { name: "out-of-stock", value: } } then puts "only #{value} left"
  in { error: problem } then puts "#{problem.name}: #{problem.value}"
  end
end

puts "", "A method of a class, and a function that borrows an object:"
other = shop["cart"].new("Bob").tap { |bobs| bobs.add("pear", 2) }
both = shop["cart"].merge([cart, other])
puts shop.functions.receipt(both, 1000, [:sorted]).value!
both.close

puts "", "Values:"
p shop.functions.words("To be, or not to be").first(2)
p shop.functions.find("(\\d+)(px|em)?", "12 of 20").value!

puts "", "A regular expression that takes forever:"
begin
  shop.functions.find("(a+)+$", "#{'a' * 60}!", timeout: 0.1)
rescue Wasmtime::TimeoutError => e
  puts e.message
end
