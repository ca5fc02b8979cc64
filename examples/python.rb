# frozen_string_literal: true

# A real program: MicroPython runs Python, whose exceptions are WebAssembly's, and calls back into Ruby. `rake fixtures` fetches
# micropython.wasm first.
#
#   ruby -Ilib examples/python.rb [SCRIPT]
require_relative "python/micropython"

wasm = File.expand_path("../fixtures/micropython.wasm", __dir__)
abort "#{wasm} is missing: run `rake fixtures` first." unless File.file?(wasm)

python = MicroPython.new(wasm, "reverse" => :reverse.to_proc)
puts python.run(ARGV.fetch(0, <<~PYTHON))
  print("ruby says", call("reverse", "drawer"))
  try:
      1 / 0
  except ZeroDivisionError as error:
      print("caught:", error)
  print(sum(n * n for n in range(10)))
PYTHON

begin
  python.run("call('nothing')")
rescue MicroPython::Error => e
  puts "raised: #{e.message.lines.last}"
end
