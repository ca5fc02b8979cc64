# frozen_string_literal: true

module Wasmtime
  module Testing
    # The WASI of an instance: which one its code imports, and what it may see of the world.
    # @api private
    class WasiSetup
      P1_MODULE = "wasi_snapshot_preview1"
      P2_INTERFACE = %r{\Awasi:(?:cli|clocks|filesystem|io|random|sockets)/}

      # @param code [Module, Component::Component]
      # @param imports [Hash, nil] what the example gives
      # @param options [Hash] stdin, args, env and dirs
      def initialize(code, imports, options)
        @code = code
        @imports = imports
        @options = options
        @wanted = names.any? { |name| wasi?(name) }
        refuse_options unless @wanted
        refuse_override if @wanted && component?
      end

      # @return [Boolean] whether the code imports it
      def wanted?
        @wanted
      end

      # @param record [Record] whose texts take the output
      # @return [WasiConfig, nil] nil when there is no WASI
      def config(record, name)
        return unless wanted?

        config = WasiConfig.new.set_argv([name, *Wasmtime._array(@options[:args])]).set_env(@options[:env])
        config.set_stdin(@options[:stdin]).set_stdout(record.stdout, OUTPUT_LIMIT).set_stderr(record.stderr, OUTPUT_LIMIT)
        config._map_directories(@options[:dirs])
      end

      # @return [Linker, Component::Linker] with WASI when the code imports it
      def linker
        component? ? component_linker : module_linker
      end

      private

      def component?
        @code.is_a?(Component::Component)
      end

      def names
        component? ? @code.imports.keys : @code.imports.map(&:module)
      end

      def wasi?(name)
        component? ? name.match?(P2_INTERFACE) : name == P1_MODULE
      end

      # What the example gives replaces WASI's own.
      def module_linker
        linker = Linker.new(@code.engine)
        WASI::P1.add_to_linker_sync(linker) if wanted?
        linker.allow_shadowing = true
        linker
      end

      def component_linker
        linker = Component::Linker.new(@code.engine)
        WASI::P2.add_to_linker_sync(linker) if wanted?
        linker
      end

      def refuse_options
        given = @options.reject { |_name, value| [nil, [], {}].include?(value) }.keys
        return if given.empty?

        raise ArgumentError, "wasm_instance: #{given.map { |name| "#{name}:" }.join(', ')} would be ignored: the " \
                             "#{component? ? 'component' : 'module'} imports no WASI"
      end

      def refuse_override
        name = @imports.to_h.keys.map(&:to_s).find { |given| wasi?(given) }
        return unless name

        raise ArgumentError, "wasm_instance: imports: #{name.inspect} is WASI's, which the component is linked with, and cannot be replaced in part"
      end
    end
    private_constant :WasiSetup
  end
end
