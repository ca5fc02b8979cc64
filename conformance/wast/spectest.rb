# frozen_string_literal: true

module Conformance
  # The module `spectest`, which official scripts import from. Its functions print nothing.
  module Spectest
    FUNCTIONS = {
      "print" => [], "print_i32" => %i[i32], "print_i64" => %i[i64], "print_f32" => %i[f32], "print_f64" => %i[f64],
      "print_i32_f32" => %i[i32 f32], "print_f64_f64" => %i[f64 f64]
    }.freeze
    GLOBALS = { "global_i32" => [:i32, 666], "global_i64" => [:i64, 666], "global_f32" => [:f32, 666.6], "global_f64" => [:f64, 666.6] }.freeze
    # What only some engines can have. Modules make them, and an engine that refuses the module does without.
    OPTIONAL = [
      '(module (table (export "table64") i64 10 20 funcref))',
      '(module (memory (export "shared_memory") 1 2 shared))'
    ].freeze

    module_function

    # @param store [Wasmtime::Store]
    # @param engine [Wasmtime::Engine]
    # @return [Hash{String => Wasmtime::Extern}]
    def exports(store, engine)
      items = FUNCTIONS.transform_values { |params| Wasmtime::Func.new(store, params, []) { nil } }
      GLOBALS.each { |name, (type, value)| items[name] = Wasmtime::Global.const(store, type, value) }
      items["table"] = Wasmtime::Table.new(store, :funcref, nil, min_size: 10, max_size: 20)
      items["memory"] = Wasmtime::Memory.new(store, min_size: 1, max_size: 2)
      OPTIONAL.each { |text| items.merge!(optional(store, engine, text)) }
      items
    end

    def optional(store, engine, text)
      Wasmtime::Instance.new(store, Wasmtime::Module.new(engine, text)).exports
    rescue Wasmtime::Error
      {}
    end
  end
end
