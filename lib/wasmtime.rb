# frozen_string_literal: true

require_relative "wasmtime/version"
require_relative "wasmtime/native"
require_relative "wasmtime/conversions"
require_relative "wasmtime/errors"
require_relative "wasmtime/trap"
require_relative "wasmtime/wasi_exit"
require_relative "wasmtime/wasm_exception"
require_relative "wasmtime/pooling_allocation_config"
require_relative "wasmtime/engine"
require_relative "wasmtime/wat2wasm"
require_relative "wasmtime/val_type"
require_relative "wasmtime/field_type"
require_relative "wasmtime/heap_type"
require_relative "wasmtime/struct_type"
require_relative "wasmtime/array_type"
require_relative "wasmtime/exn_type"
require_relative "wasmtime/float_bits"
require_relative "wasmtime/v128"
require_relative "wasmtime/extern_type"
require_relative "wasmtime/func_type"
require_relative "wasmtime/global_type"
require_relative "wasmtime/memory_type"
require_relative "wasmtime/table_type"
require_relative "wasmtime/tag_type"
require_relative "wasmtime/import_type"
require_relative "wasmtime/export_type"
require_relative "wasmtime/sources"
require_relative "wasmtime/module"
require_relative "wasmtime/wasi_config"
require_relative "wasmtime/wasi_steps"
require_relative "wasmtime/call_options"
require_relative "wasmtime/offload"
require_relative "wasmtime/store"
require_relative "wasmtime/extern"
require_relative "wasmtime/func"
require_relative "wasmtime/caller"
require_relative "wasmtime/memory"
require_relative "wasmtime/memory/unsafe_slice"
require_relative "wasmtime/memory/view"
require_relative "wasmtime/shared_memory"
require_relative "wasmtime/table"
require_relative "wasmtime/global"
require_relative "wasmtime/tag"
require_relative "wasmtime/reference"
require_relative "wasmtime/any_ref"
require_relative "wasmtime/eq_ref"
require_relative "wasmtime/struct_ref"
require_relative "wasmtime/array_ref"
require_relative "wasmtime/extern_ref"
require_relative "wasmtime/exn_ref"
require_relative "wasmtime/caller_block"
require_relative "wasmtime/imports"
require_relative "wasmtime/functions"
require_relative "wasmtime/instance"
require_relative "wasmtime/instance_pre"
require_relative "wasmtime/linker"
require_relative "wasmtime/guest_profiler"
require_relative "wasmtime/call_future"
require_relative "wasmtime/component/type"
require_relative "wasmtime/component/function_name"
require_relative "wasmtime/component/list_type"
require_relative "wasmtime/component/map_type"
require_relative "wasmtime/component/record_type"
require_relative "wasmtime/component/tuple_type"
require_relative "wasmtime/component/variant_type"
require_relative "wasmtime/component/enum_type"
require_relative "wasmtime/component/option_type"
require_relative "wasmtime/component/result_type"
require_relative "wasmtime/component/flags_type"
require_relative "wasmtime/component/own_type"
require_relative "wasmtime/component/borrow_type"
require_relative "wasmtime/component/future_type"
require_relative "wasmtime/component/stream_type"
require_relative "wasmtime/component/func_type"
require_relative "wasmtime/component/instance_type"
require_relative "wasmtime/component/component_type"
require_relative "wasmtime/component/module_type"
require_relative "wasmtime/component/types"
require_relative "wasmtime/component/value_object"
require_relative "wasmtime/component/result"
require_relative "wasmtime/component/variant"
require_relative "wasmtime/component/some"
require_relative "wasmtime/component/result_error"
require_relative "wasmtime/component/host_interface"
require_relative "wasmtime/component/host_imports"
require_relative "wasmtime/component/resource_type"
require_relative "wasmtime/component/component"
require_relative "wasmtime/component/export_index"
require_relative "wasmtime/component/exports"
require_relative "wasmtime/component/instance"
require_relative "wasmtime/component/exported_instance"
require_relative "wasmtime/component/func"
require_relative "wasmtime/component/resource_class"
require_relative "wasmtime/component/resource"
require_relative "wasmtime/component/linker_instance"
require_relative "wasmtime/component/linker"
require_relative "wasmtime/component/wasi_command"
require_relative "wasmtime/wasi"
require_relative "wasmtime/cache"
require_relative "wasmtime/load"
require_relative "wasmtime/run"
require_relative "wasmtime/plugins"
require_relative "wasmtime/subscribe"

# What many programs never use.
module Wasmtime
  autoload :CompileHint, File.join(__dir__, "wasmtime/compile_hint")
  autoload :LinkReport, File.join(__dir__, "wasmtime/link_report")
  autoload :Plugin, File.join(__dir__, "wasmtime/plugin")
  autoload :RunResult, File.join(__dir__, "wasmtime/run_result")
  autoload :Runner, File.join(__dir__, "wasmtime/runner")
  autoload :Streams, File.join(__dir__, "wasmtime/streams")
  autoload :Usage, File.join(__dir__, "wasmtime/usage")
  private_constant :CompileHint, :LinkReport, :Runner, :Streams

  module Component
    autoload :ImportReport, File.join(__dir__, "wasmtime/component/import_report")
    autoload :Wit, File.join(__dir__, "wasmtime/component/wit")
    private_constant :ImportReport, :Wit
  end

  # Ruby 3.1 loads nothing in other Ractors: what they may need is there before one begins.
  module LoadedBeforeRactors
    def new(...)
      Wasmtime.__send__(:_load_for_ractors)
      super
    end
  end
  private_constant :LoadedBeforeRactors

  class << self
    private

    def _load_for_ractors
      [CompileHint, LinkReport, Streams, Usage, Component.const_get(:ImportReport), Component.const_get(:Wit)]
    end
  end

  Ractor.singleton_class.prepend(LoadedBeforeRactors)
end

require_relative "wasmtime/railtie" if defined?(Rails::Railtie)
