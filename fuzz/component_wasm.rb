# frozen_string_literal: true

# Mutated components through validation, compilation, linking and calls, under limits: ruby fuzz/component_wasm.rb SEED COUNT COMPONENT.wasm...
# Half of them are small ones made from text, of random WIT types among others, with other words or other bytes in them. Whatever happens is an
# exception that is documented, and the process lives. What a mutant says about itself can be printed, and calls take values of its types.
require "wasmtime"
require_relative "../spec/support/component_guests"
require_relative "../spec/support/resource_guests"
require_relative "../spec/support/shape_guests"
require_relative "mutations"
require_relative "wit"

module Fuzz
  # Components with something changed in them.
  class ComponentWasm
    EXPECTED = [Wasmtime::Error, RangeError, TypeError, ArgumentError, EncodingError, NoMemoryError].freeze
    LIMITS = { memory_size: 64 << 20, table_elements: 100_000, instances: 30, memories: 20, tables: 20 }.freeze
    SMALL = [ResourceGuests::COUNTERS, ResourceGuests::COUNTERS_INTERFACE, ResourceGuests::USER, ShapeGuests::GUEST].freeze
    # Of random WIT types.
    ECHOES = 10

    # @param paths [Array<String>] of components
    def initialize(seed, paths)
      @random = Random.new(seed)
      @mutations = Mutations.new(@random)
      compiler = seed.odd? ? :winch : :cranelift
      @engine = Wasmtime::Engine.new(consume_fuel: true, wasm_threads: false, wasm_component_model_map: true, strategy: compiler)
      @resources = []
      @wit = Wit.new(@random) { @resources.sample(random: @random) || Object.new }
      @texts = SMALL + Array.new(ECHOES) { ComponentGuests.echo(@wit.desc(3)) }
      @large = paths.map { |path| File.binread(path) }
    end

    # @return [Symbol] what became of one
    def round
      component = Wasmtime::Component::Component.new(@engine, mutant)
      describe(component)
      instantiate(component)
      :ran
    rescue *EXPECTED => e
      e.message.valid_encoding? && component ? :compiled : :refused
    end

    private

    def mutant
      case @random.rand(@large.empty? ? 2 : 4)
      when 0 then @mutations.mutate(Wasmtime.wat2wasm(@texts.sample(random: @random)), most: 2)
      when 1 then @mutations.reword(@texts.sample(random: @random))
      else @mutations.mutate(@large.sample(random: @random), most: 2)
      end
    end

    def describe(component)
      type = component.type
      raise "types that do not print" unless [type.to_s, type.inspect, component.inspect].all?(&:valid_encoding?)
      raise "a type that is not what it was" unless type == component.type && type.hash == component.type.hash
    end

    def instantiate(component)
      Wasmtime::Store.open(@engine, limits: LIMITS, wasi_config: Wasmtime::WasiConfig.new) do |store|
        store.set_fuel(1_000_000)
        use(linker(component).instantiate(store, component, timeout: 2), 3)
      ensure
        @resources.clear
      end
    end

    # With host blocks where it can be told what they are asked for, and traps otherwise.
    def linker(component)
      linker = Wasmtime::Component::Linker.new(@engine)
      Wasmtime::WASI::P2.add_to_linker_sync(linker)
      linker.allow_shadowing = true
      linker.define_all(component.imports.transform_values { |item| host(item) }.compact) unless @random.rand(4).zero?
      linker.define_unknown_imports_as_traps(component)
      linker
    rescue *EXPECTED
      linker
    end

    # What a host gives for an import: any value of the type, an object for a resource.
    def host(item)
      case item
      when Wasmtime::Component::FuncType then ->(*_) { item.result && @wit.value(item.result) }
      when Wasmtime::Component::InstanceType then item.exports.transform_values { |inner| host(inner) }.compact
      when Wasmtime::Component::ResourceType then Object
      end
    end

    # In any order, because the first trap makes the rest unusable.
    def use(scope, depth)
      scope.exports.keys.shuffle(random: @random).each do |name|
        item = scope[name]
        case item
        when Wasmtime::Component::Func then call(item)
        when Wasmtime::Component::ExportedInstance then use(item, depth - 1) if depth.positive?
        when Wasmtime::Component::ResourceClass then item.type.hash
        end
      rescue *EXPECTED
        nil
      end
    end

    def call(func)
      result = func.call(*func.params.values.map { |type| @wit.value(type) }, timeout: 0.5)
      [*result].grep(Wasmtime::Component::Resource) { |one| @resources << one }
    end
  end
end

seed, count = ARGV.shift(2).map { |argument| Integer(argument) }
fuzz = Fuzz::ComponentWasm.new(seed, ARGV)
outcomes = Array.new(count) { fuzz.round }.tally
puts "seed #{seed}: #{count} mutated components, #{outcomes.fetch(:ran, 0)} of them ran, #{outcomes.fetch(:compiled, 0)} more compiled"
abort "no mutated component ran: the mutations are too hard" if outcomes.fetch(:ran, 0).zero? && count >= 100
