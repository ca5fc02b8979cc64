# frozen_string_literal: true

module Wasmtime
  module Component
    # A function that a component's instance exports.
    #
    # @example
    #   func = instance.get_func("distance")
    #   func.type.to_s                                                 # => "func(from: point, to: point) -> f64"
    #   func.call({ "x" => 0, "y" => 0 }, { "x" => 3, "y" => 4 })      # => 5.0
    #   func.call(from: { x: 0, y: 0 }, to: { x: 3, y: 4 })            # => 5.0
    class Func
      private_class_method :new

      # Whether an option asks for binary Strings.
      # @api private
      def self._bytes?(bytes)
        case bytes
        when :string then true
        when :array, nil then false
        else raise ArgumentError, "bytes: expected :string or :array, got #{bytes.inspect}"
        end
      end

      # @!method call(*args, timeout: nil, gvl: nil, **named)
      #   Calls the function. Any exception a host block raises on the way arrives here as the same object.
      #   @param args [Array<Object>] one value for each parameter, in the order of WIT; those left out may come by name
      #   @param named [Hash{Symbol => Object}] values by the name WIT gives the parameter, with underscores for hyphens
      #   @param timeout [Numeric, nil] seconds, as {Wasmtime::Func#call}
      #   @param gvl [:release, :hold, nil] as {Wasmtime::Func#call}
      #   @return [Object, nil] the result, nil when there is none
      #   @raise [ArgumentError] for a wrong number of arguments, a missing field, an unknown case or flag
      #   @raise [TypeError, RangeError, EncodingError] for a value that does not fit its type; the message says where in which argument
      #   @raise [Trap] when the guest traps; from then on the instance is unusable, and further calls say why
      #   @raise [TimeoutError] when the call took longer than its timeout
      #   @raise [StoreError] when the store is closed or busy, or a resource belongs to another
      # @!method arity
      #   @return [Integer] how many arguments it takes
      # @!method instance
      #   @return [Instance] the instance it belongs to
      # @!method store
      #   @return [Store] the store it belongs to

      # @return [FuncType] its type, with the resources of its instance
      def type
        @type ||= Types.from_desc(_desc)
      end

      # @return [Hash{String => Symbol, Type}] the types of its parameters by name, in order
      def params
        type.params
      end

      # @return [Symbol, Type, nil] the type of its result
      def result
        type.result
      end

      # The same function, with another word about `list<u8>`.
      # @param bytes [:string, :array] whether results of type `list<u8>`, however deep, are binary Strings or Arrays of Integers
      # @return [Func]
      # @raise [ArgumentError] for anything else
      # @example
      #   compress = instance.get_func("compress").with(bytes: :string)
      def with(bytes:)
        _with_bytes(Func._bytes?(bytes))
      end

      # The function as a lambda, the same object each time.
      # @return [Proc]
      def to_proc
        @to_proc ||= method(:call).to_proc
      end

      # @return [String] what it is, to be read by people
      def inspect
        "#<Wasmtime::Component::Func #{type}>"
      rescue StoreError
        "#<Wasmtime::Component::Func (store closed or busy)>"
      end

      private

      # What `call` does when it is given keywords: the names of parameters come first, the rest are options.
      def _call_with_keywords(*args, **given)
        values = _named(args, given)
        given.empty? ? call(*values) : CallOptions.apply(store, given) { call(*values) }
      end

      # Takes the arguments among the keywords out of them.
      def _named(args, given)
        left = (@keywords ||= params.keys.map { |name| name.tr("-", "_").to_sym }).drop(args.size)
        return args if left.none? { |name| given.key?(name) }

        args + left.map { |name| given.delete(name) { raise ArgumentError, "missing argument #{name.name.inspect}" } }
      end
    end
  end
end
