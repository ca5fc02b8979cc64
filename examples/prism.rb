# frozen_string_literal: true

# A real program: prism, the parser of Ruby itself, compiled to WebAssembly, parses a Ruby file and its syntax tree is read from the guest's
# memory; see prism/parser.rb. `rake fixtures` fetches prism.wasm first.
#
#   ruby -Ilib examples/prism.rb [FILE]
require_relative "prism/parser"

root = File.expand_path("..", __dir__)
wasm = File.join(root, "fixtures/prism.wasm")
abort "#{wasm} is missing: run `rake fixtures` first." unless File.file?(wasm)

file = ARGV.fetch(0) { File.join(root, "lib/wasmtime/instance.rb") }
source = File.binread(file)
result = PrismParser.new(wasm).parse(source)
types = result.root.each.map(&:type).tally.sort_by { |type, count| [-count, type] }

puts "#{File.basename(file)}, #{source.bytesize} bytes, parsed by prism #{result.version} in WebAssembly"
puts "#{types.sum(&:last)} nodes of #{types.size} types, #{result.comments.size} comments"
types.first(10).each { |type, count| puts format("  %6<count>d %<type>s", count: count, type: type) }

methods = result.root.each.select { |node| node.type == "DefNode" }.map { |node| node.fields.first }
puts "methods defined: #{methods.empty? ? 'none' : methods.join(', ')}"

result.errors.each do |error|
  line = source.byteslice(0, error.location.offset).count("\n") + 1
  puts "error in line #{line}: #{error.message}"
end
puts "no syntax errors" if result.errors.empty?
exit result.errors.empty?
