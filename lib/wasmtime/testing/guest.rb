# frozen_string_literal: true

module Wasmtime
  module Testing
    # What instances that {Helpers#wasm_instance} made can do besides: tell what they wrote. The calls of their exported functions have a time
    # limit. A function that a guest hands out in other ways, in a table or as a result, has none.
    module Guest
      # @return [String] all it has written to its standard output until now, in UTF-8 as far as that is valid; empty without WASI
      def stdout
        @_wasmtime.text(:stdout)
      end

      # @return [String] all it has written to its standard error until now, in UTF-8 as far as that is valid; empty without WASI
      def stderr
        @_wasmtime.text(:stderr)
      end

      # @api private
      def _wasmtime_setup(record, seconds)
        @_wasmtime = record
        @_seconds = seconds
        self
      end
    end

    # An instance of a module whose calls have a time limit.
    # @api private
    module ModuleGuest
      include Guest
      include Bounded

      def invoke(name, *args, **options)
        _bounded(options, options.key?(:timeout)) { super }
      end

      def invoke_async(name, *args, timeout: @_seconds)
        super
      end

      def export(name)
        _bound(super)
      end

      def [](name)
        _bound(super)
      end

      def exports
        super.each_value { |item| _bound(item) }
      end

      private

      def _bound(item)
        item.is_a?(Func) ? BoundedFunc.bound(item, @_seconds) : item
      end
    end
    private_constant :ModuleGuest
  end
end
