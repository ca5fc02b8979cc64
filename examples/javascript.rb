# frozen_string_literal: true

# A real program: QuickJS runs JavaScript that nobody needs to trust. `rake fixtures` fetches quickjs.wasm first.
#
#   ruby -Ilib examples/javascript.rb [SCRIPT]
require_relative "javascript/quickjs"

wasm = File.expand_path("../fixtures/quickjs.wasm", __dir__)
abort "#{wasm} is missing: run `rake fixtures` first." unless File.file?(wasm)

js = QuickJs.new(wasm)
script = ARGV.fetch(0, "const squares = [1, 2, 3].map((n) => n * n); console.log(squares.join(', '), typeof process)")
puts "printed: #{js.run(script)}"

begin
  js.run("function fail() { throw new RangeError('too far') }\nfail()")
rescue QuickJs::Error => e
  puts "threw: #{e.message}"
end
