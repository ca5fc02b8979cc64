# frozen_string_literal: true

# Random values of random WIT types, through a guest and back: ruby fuzz/component_values.rb SEED COUNT. What comes back is what went in, by the
# guest's memory alone and through a host block, in whatever form it is given; one that is wrong somewhere is refused, and the error names the
# place. The same seed gives the same types and values.
require "wasmtime"
require_relative "../spec/support/component_guests"
require_relative "wit"
require_relative "wit_changes"

module Fuzz
  # Components that give back what they are given, each of a type of its own.
  class ComponentValues
    REFUSED = [TypeError, ArgumentError, RangeError, EncodingError].freeze

    attr_reader :counts

    # @param seed [Integer] every other one has Winch compile, and moves objects as often as Ruby can
    def initialize(seed)
      random = Random.new(seed)
      @wit = Wit.new(random)
      @changes = WitChanges.new(random, @wit)
      @engine = Wasmtime::Engine.new(wasm_component_model_map: true, strategy: seed.odd? ? :winch : :cranelift)
      @counts = Hash.new(0)
    end

    # One type with several values.
    def round(values)
      desc = @wit.desc(3)
      @wat = ComponentGuests.wit(desc)
      @type = Wit.type(desc)
      @component = Wasmtime::Component::Component.new(@engine, ComponentGuests.echo(desc))
      agree
      instance = self.instance { |value| given(value) }
      values.times { back(instance, @wit.value(@type)) }
      values.times { refuse(instance, @wit.value(@type)) }
      refuse_result(@wit.value(@type))
      stay(instance)
    end

    private

    def instance(&)
      linker = Wasmtime::Component::Linker.new(@engine)
      linker.root { |root| root.func_new("host", &) }
      linker.instantiate(Wasmtime::Store.new(@engine), @component)
    end

    # What a host block may give for a value: of a WIT result also what is in it, and an exception that has it.
    def given(value)
      return @changes.disguise(@type, value) if !@type.is_a?(Wasmtime::Component::ResultType) || @wit.chance?(2)
      raise Wasmtime::Component::ResultError, value.error if value.error?

      value.ok.is_a?(Wasmtime::Component::Result) ? value : value.ok
    end

    # The component says of itself what it was made from.
    def agree
      types = [*@component.exports["echo"].params.values, @component.exports["same"].result]
      wrong("the type of the component is #{types.join(', ')}") unless types.all?(@type) && types.map(&:hash).uniq == [@type.hash]
    end

    # Values are compared as they print: 0.0 is no -0.0, 1 no 1.0, and a NaN is one.
    def back(instance, value)
      { "same" => value, "echo" => @changes.disguise(@type, value) }.each do |name, given|
        found = instance.invoke(name, given)
        wrong("#{name}: #{given.inspect} came back as #{found.inspect}, not as #{value.inspect}") unless found.inspect == value.inspect
        @counts[:same] += 1
      end
    end

    def refuse(instance, value)
      given, places = @changes.spoil(@type, value)
      expect(REFUSED, ['argument "x"', *places], given) { instance.invoke("same", given) }
    end

    # A host block that gives it. What is no WIT result at all may be what is in one.
    def refuse_result(value)
      given, places = @changes.spoil(@type, value)
      return if places.empty? && @type.is_a?(Wasmtime::Component::ResultType)

      expect([Wasmtime::ResultError], ["result", *places], given) { instance { given }.invoke("echo", value) }
    end

    def expect(errors, places, given)
      found = yield
    rescue *errors => e
      @counts[:refused] += 1
      wrong("#{given.inspect} is wrong at #{places.join(', ')}, and not as #{e.message}") unless e.message.include?("#{places.join(', ')}: ")
    else
      wrong("#{given.inspect}, wrong at #{places.join(', ')}, gave #{found.inspect}")
    end

    # Whatever was refused left the instance as it was.
    def stay(instance)
      back(instance, @wit.value(@type))
    end

    def wrong(what)
      raise "#{@wat}: #{what}"
    end
  end
end

seed, count = ARGV.map { |argument| Integer(argument) }
GC.auto_compact = true if seed.even?
fuzz = Fuzz::ComponentValues.new(seed)
count.times { fuzz.round(10) }
puts "seed #{seed}: #{count} types, #{fuzz.counts[:same]} values there and back, #{fuzz.counts[:refused]} refused"
