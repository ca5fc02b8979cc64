# frozen_string_literal: true

# Resources of a component: they are Ruby objects with methods, and are dropped once, by hand or after Ruby's GC found them.
#
#   ruby -Ilib examples/component_resources.rb
require "wasmtime"

component = Wasmtime::Component::Component.from_file(File.join(__dir__, "component_resources.wat"))
instance = Wasmtime::Component::Linker.new.instantiate(Wasmtime::Store.new, component)

counter = instance["counter"].new(40)
puts counter.count_up(1), counter.count_up(by: 1)
puts "live: #{instance.functions.live}"

counter.close
puts "closed: #{counter.closed?}, live: #{instance.functions.live}"
begin
  counter.count_up(1)
rescue Wasmtime::Error => e
  puts e.message
end

# Nobody closes these: they are dropped at the next entry of the store after Ruby collected them.
Thread.new { 100.times { |n| instance["counter"].new(n) } }.join
GC.start
puts "most are gone: #{instance.functions.live < 10}"
