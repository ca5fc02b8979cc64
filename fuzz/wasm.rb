# frozen_string_literal: true

# Mutated modules through validation, compilation, instantiation and calls, under limits: ruby fuzz/wasm.rb SEED COUNT MODULE.wasm...
# Whatever happens is an exception that is documented, and the process lives.
require "wasmtime"
require_relative "mutations"

seed, count = ARGV.shift(2).map { |argument| Integer(argument) }
random = Random.new(seed)
mutations = Fuzz::Mutations.new(random)
originals = ARGV.map { |path| File.binread(path) }
engine = Wasmtime::Engine.new(consume_fuel: true, wasm_threads: false)
expected = [Wasmtime::Error, RangeError, TypeError, ArgumentError, NoMemoryError]
limits = { memory_size: 64 << 20, table_elements: 100_000, instances: 10, memories: 10, tables: 10 }

# An argument for each type that has one.
arguments = ->(func) { func.params.map { |type| { i32: 1, i64: 2, f32: 0.5, f64: 1.5 }[type] } }

run = lambda do |bytes|
  valid = Wasmtime::Module.validate(engine, bytes) rescue false # rubocop:disable Style/RescueModifier
  mod = Wasmtime::Module.new(engine, bytes)
  raise "compiled, though it is not valid" if valid == false

  mod.imports.each(&:type)
  Wasmtime::Store.open(engine, limits: limits, wasi_config: Wasmtime::WasiConfig.new) do |store|
    store.set_fuel(1_000_000)
    linker = Wasmtime::Linker.new(engine)
    Wasmtime::WASI::P1.add_to_linker_sync(linker)
    linker.allow_shadowing = true
    linker.define_unknown_imports_as_default_values(store, mod)
    instance = linker.instantiate(store, mod, timeout: 2)
    instance.exports.each_value do |item|
      case item
      when Wasmtime::Func then item.call(*arguments.call(item), timeout: 0.5)
      when Wasmtime::Memory then item.read(0, [16, item.data_size].min)
      when Wasmtime::Table then item.get(0)
      when Wasmtime::Global then item.get
      end
    rescue *expected
      nil
    end
  end
  :ran
rescue *expected
  :refused
end

outcomes = Array.new(count) { run.call(mutations.mutate(originals.sample(random: random))) }.tally
puts "seed #{seed}: #{count} mutated modules, #{outcomes.fetch(:ran, 0)} of them ran"
abort "no mutated module ran: the mutations are too hard" if outcomes.fetch(:ran, 0).zero? && count >= 100
