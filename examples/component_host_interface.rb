# frozen_string_literal: true

# A host interface in Ruby: a class answers a resource of WIT, and what a method raises may be the error of a `result`.
#
#   ruby -Ilib examples/component_host_interface.rb
require "wasmtime"

class Note
  def initialize(title)
    @title = title
    @lines = []
  end

  # WIT: append: func(line: string) -> result<u32, string>
  def append(line)
    raise Wasmtime::Component::ResultError, "not in #{@title}" if line == "forbidden"

    puts "#{@title}: #{line}"
    (@lines << line).size
  end
end

component = Wasmtime::Component::Component.from_file(File.join(__dir__, "component_host_interface.wat"))
linker = Wasmtime::Component::Linker.new

# What is missing is listed before anything runs.
begin
  linker.instantiate(Wasmtime::Store.new, component)
rescue Wasmtime::LinkError => e
  puts e.message
end

linker.define_all("example:host/notes" => { note: Note })
puts "lines taken: #{linker.instantiate(Wasmtime::Store.new, component).functions.run}"
