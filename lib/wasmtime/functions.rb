# frozen_string_literal: true

module Wasmtime
  # The functions an instance of a module or a component exports, as methods: `instance.functions.gcd(6, 27)`. It has no methods of its own but
  # those Ruby needs, and it never defines one, so a guest cannot redefine anything by the names it chooses. A name Ruby has taken
  # (`object_id`, `instance_eval`, ...) is called with {Instance#invoke}.
  class Functions < BasicObject
    # @api private
    # @param instance [Instance, Component::Instance, Component::ExportedInstance]
    # @return [void]
    def initialize(instance)
      @instance = instance
    end

    # @return [Array<Symbol>] the names of the exported functions
    def __names__
      @instance.__send__(:_function_names)
    end

    # @param name [Symbol, String]
    # @param _all [Boolean] ignored: there are no private methods
    # @return [Boolean] whether the instance exports a function of that name
    def respond_to?(name, _all = false) # rubocop:disable Style/OptionalBooleanParameter
      !@instance.__send__(:_function, name).nil?
    end

    # @return [String] what it is, to be read by people
    def inspect
      "#<Wasmtime::Functions #{__names__.join(', ')}>"
    rescue ::Wasmtime::StoreError
      "#<Wasmtime::Functions (store closed or busy)>"
    end

    # Calls an exported function.
    # @param name [Symbol] its name
    # @param args [Array<Object>] one value for each parameter
    # @param options [Hash] as {Func#call}
    # @yield is refused: wasm has no blocks
    # @return [Object] as {Func#call}
    # @raise [NoMethodError] when the instance exports no function of that name
    # @raise [ArgumentError] with a block, or for a wrong number of arguments
    def method_missing(name, *args, **options, &block)
      func = @instance.__send__(:_function, name)
      ::Kernel.raise __missing__(name, ::Kernel.caller) unless func
      ::Kernel.raise ::ArgumentError, "the wasm function #{name} takes no block" if block

      options.empty? ? func.call(*args) : func.call(*args, **options)
    end

    private

    def respond_to_missing?(name, _all)
      respond_to?(name)
    end

    # The error of the line that called, not of this file.
    def __missing__(name, backtrace)
      message = "no exported function `#{name}'#{@instance.__send__(:_did_you_mean, name)}"
      ::NoMethodError.new(message, name).tap { |error| error.set_backtrace(backtrace) }
    end
  end
end
