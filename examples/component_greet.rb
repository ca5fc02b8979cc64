# frozen_string_literal: true

# A component: functions take and give texts, records and lists as Ruby objects, and tell their types.
#
#   ruby -Ilib examples/component_greet.rb
require "wasmtime"

component = Wasmtime::Component::Component.from_file(File.join(__dir__, "component_greet.wat"))
puts component.type

instance = Wasmtime::Component::Linker.new.instantiate(Wasmtime::Store.new, component)
greeter = instance["example:greeter/greeter"]
puts greeter.functions.greet("component")

# Records are Hashes, or anything else that has the fields; arguments may go by name.
Point = Struct.new(:x, :y)
puts greeter.functions.distance({ "x" => 0, "y" => 0 }, { "x" => 3, "y" => 4 })
puts greeter.functions.distance(from: Point.new(1, 1), to: { x: 1, y: 2.5 })

# Errors say where.
begin
  greeter.functions.distance(Point.new(0, 0), { x: 1, y: "two" })
rescue TypeError => e
  puts e.message
end
