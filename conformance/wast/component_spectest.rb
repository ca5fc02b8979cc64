# frozen_string_literal: true

module Conformance
  # What component scripts import, under the names Wasmtime's own runner gives it.
  module ComponentSpectest
    MODULE = '(module (global (export "g") i32 (i32.const 100)) (func (export "f") (result i32) (i32.const 101)))'

    # What `resource1` counts. The number an object of it is made with is all there is to it.
    class Numbered
      attr_reader :number

      def initialize(number)
        @number = number
      end
    end

    # Of another type.
    class Other < Numbered
    end

    # @param engine [Wasmtime::Engine]
    # @return [Wasmtime::Component::Linker]
    def self.linker(engine)
      linker = Wasmtime::Component::Linker.new(engine)
      linker.root do |root|
        root.func_new("host-return-two") { 2 }
        root.func_new("host-echo-u32") { |number| number }
      end
      linker.instance("host") { |host| host(host, engine) }
      linker
    end

    def self.host(host, engine)
      host.func_new("return-three") { 3 }
      host.func_new("return-hi") { "hi" }
      host.instance("nested") { |nested| nested.func_new("return-four") { 4 } }
      host.module("simple-module", Wasmtime::Module.new(engine, MODULE))
      resources(host, [])
    end

    def self.resources(host, dropped)
      host.resource("resource1", Numbered) { |object| dropped << object.number }
      host.resource("resource2", Other)
      host.func_new("[constructor]resource1") { |number| Numbered.new(number) }
      host.func_new("[static]resource1.drops") { dropped.size }
      host.func_new("[static]resource1.last-drop") { dropped.last || 0 }
      host.func_new("[static]resource1.assert") { |object, number| same(object, number) }
      host.func_new("[method]resource1.simple") { |object, number| same(object, number) }
      host.func_new("[method]resource1.take-borrow") { |_object, _other| nil }
      host.func_new("[method]resource1.take-own") { |_object, _other| nil }
    end

    def self.same(object, number)
      raise "the object is #{object.number}, not #{number}" unless object.number == number
    end
    private_class_method :host, :resources, :same
  end
end
