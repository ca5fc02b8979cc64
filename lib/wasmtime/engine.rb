# frozen_string_literal: true

require_relative "engine/options"

module Wasmtime
  # Compiles WebAssembly, and says how: which proposals are on, which compiler is used, how memory is reserved. Everything else is made from
  # an engine, and only things of the same engine work together. An engine is frozen, may be used by every thread and Ractor, and is
  # expensive enough to be made once per process: most programs use {default}.
  #
  # @example An engine that counts fuel
  #   engine = Wasmtime::Engine.new(consume_fuel: true)
  class Engine
    class << self
      # Creates an engine. Options come as keywords or as one Hash; `nil` means the default.
      #
      # Options are named after the setters of the Wasmtime C API, whose documentation tells the details. Two of its setters take
      # callbacks that hand out memory and have no option: `host_memory_creator` and `host_stack_creator`.
      #
      # Ours: `interruptible` (true by default: Ctrl-C, `Timeout`, `Thread#kill` and `timeout:` stop a guest; false saves a few per cent of
      # its speed), `cache` (true, or the path of a Wasmtime cache configuration file: compiled code is kept on disk).
      #
      # Switches, true or false: `debug_info`, `consume_fuel`, `epoch_interruption` (the epochs of {#increment_epoch} end stores),
      # `wasm_threads`, `shared_memory`, `wasm_tail_call`, `wasm_reference_types`, `wasm_function_references`, `wasm_gc`, `gc_support`,
      # `wasm_simd`, `wasm_relaxed_simd`, `wasm_relaxed_simd_deterministic`, `wasm_bulk_memory`, `wasm_multi_value`, `wasm_multi_memory`,
      # `wasm_memory64`, `wasm_wide_arithmetic`, `wasm_branch_hinting`, `wasm_exceptions`, `wasm_custom_page_sizes`,
      # `wasm_stack_switching`, `wasm_component_model`, `wasm_component_model_map`, `parallel_compilation`, `cranelift_debug_verifier`,
      # `cranelift_nan_canonicalization`, `memory_may_move`, `memory_init_cow`, `native_unwind_info`, `macos_use_mach_ports` (false by
      # default, because Mach ports do not survive a fork), `signals_based_traps`, `concurrency_support`, `wasm_backtrace_details`,
      # `generate_address_map`, `async_stack_zeroing`. Not compiled into this build, and refused when true: `wasm_component_model_async`,
      # `wasm_component_model_more_async_builtins`, `wasm_component_model_async_stackful`.
      #
      # Bytes: `max_wasm_stack` (256 KiB by default, because Ruby's fibers have 512 KiB), `async_stack_size`, `memory_reservation`,
      # `memory_guard_size`, `memory_reservation_for_growth`.
      #
      # Choices: `strategy` (:auto, :cranelift, :winch), `cranelift_opt_level` (:none, :speed, :speed_and_size),
      # `cranelift_regalloc_algorithm` (:backtracking, :single_pass), `profiler` (:none, :jitdump, :vtune, :perfmap),
      # `allocation_strategy` (:on_demand, :pooling, or a {PoolingAllocationConfig}).
      #
      # Others: `target` (a target triple such as "x86_64-unknown-linux-gnu" or "pulley64"), `cranelift_flags` (a Hash of names to true or
      # values; a wrong flag can break the sandbox, so never take one from outside).
      #
      # @param config [Hash, nil] options
      # @param options [Hash] options as keywords; they win over `config`
      # @return [Engine]
      # @raise [ArgumentError] for an unknown option or a bad choice
      # @raise [TypeError] for a value of the wrong type
      # @raise [RangeError] for a number out of range
      # @raise [Error] when Wasmtime refuses the configuration, with its reason
      # @example
      #   Wasmtime::Engine.new(wasm_memory64: false, max_wasm_stack: 1 << 20)
      def new(config = nil, **options)
        options = to_options(config).merge(options) unless config.nil?
        _new(Options.pairs(options), Options.describe(options), Options.recipe(options))
      end

      # The default engine, or one that is like it but counts fuel; the same one each time.
      # @param metered [Boolean] whether fuel is counted
      # @return [Engine]
      # @api private
      def _default(metered)
        metered ? METERING.synchronize { @metered ||= default._metered } : default
      end

      private

      def to_options(config)
        return config.to_hash if config.respond_to?(:to_hash)

        given = [true, false].include?(config) ? config.inspect : config.class
        raise TypeError, "no implicit conversion of #{given} into Hash"
      end
    end

    private_class_method :_options

    METERING = Mutex.new
    private_constant :METERING

    # @!method self.default
    #   The engine used wherever none is given. Made on first use, and then the same for the whole process.
    #   @return [Engine]
    #   @raise [Error] when Wasmtime cannot make it

    # @!method self.default=(engine)
    #   Sets the engine used wherever none is given. Allowed until something uses it.
    #   @param engine [Engine]
    #   @return [Engine]
    #   @raise [Error] when the default engine is in use already
    #   @raise [TypeError] when it is no engine

    # @!method ==(other)
    #   Whether both are the same engine. Never raises.
    #   @param other [Object]
    #   @return [Boolean]

    # @!method eql?(other)
    #   As {#==}, for Hash keys.
    #   @param other [Object]
    #   @return [Boolean]

    # @!method hash
    #   A number that is the same for the same engine.
    #   @return [Integer]

    # @!method inspect
    #   The class and the options given.
    #   @return [String]

    # @!method increment_epoch
    #   Advances the engine's epoch. Stores whose deadline has come end their guests. Counts only with `epoch_interruption: true`.
    #   @return [nil]

    # @!method start_epoch_interval(milliseconds)
    #   Advances the epoch by the clock from now on, besides {#increment_epoch}. Replaces an earlier interval, whose ticks stay counted. No
    #   thread is involved, so it goes on in forked processes.
    #   @param milliseconds [Integer] milliseconds per tick, at least 1
    #   @return [nil]
    #   @raise [ArgumentError] for 0
    #   @raise [RangeError] for a negative number
    #   @raise [TypeError] when it is no number

    # @!method stop_epoch_interval
    #   Ends what {#start_epoch_interval} began; ticks stay counted.
    #   @return [nil]

    # @!method precompile_module(wasm)
    #   Compiles a module without loading it, for the engine's `target`. Other threads run meanwhile.
    #   @param wasm [String] a WebAssembly binary or WAT
    #   @return [String] for {Module.deserialize} in an engine with the same {#precompile_compatibility_key}
    #   @raise [CompileError] when it is no valid module
    #   @raise [TypeError] when it is no String

    # @!method precompile_component(wasm)
    #   Compiles a component without loading it, for the engine's `target`. Other threads run meanwhile.
    #   @param wasm [String] a WebAssembly binary or WAT
    #   @return [String] compiled code for an engine with the same {#precompile_compatibility_key}
    #   @raise [CompileError] when it is no valid component
    #   @raise [TypeError] when it is no String

    # @!method precompile_compatibility_key
    #   Engines with the same key load each other's compiled code; keys are the same in every process with the same version of this gem.
    #   @return [String] frozen, hexadecimal
    #   @raise [Error] when the engine's compiler cannot tell

    # @!method pulley?
    #   Whether code runs in the Pulley interpreter instead of natively.
    #   @return [Boolean]

    # One with the same options that counts fuel: itself, if it does.
    # @api private
    def _metered
      options = Options.read(_recipe)
      raise Error, "fuel: give an engine: with consume_fuel: true, because #{inspect} has a pool of its own" unless options

      options[:consume_fuel] ? self : Engine.new(**options, consume_fuel: true)
    end
  end
end
