# frozen_string_literal: true

module Wasmtime
  # A global value of a store.
  #
  # @example
  #   counter = Wasmtime::Global.var(store, :i32, 0)
  #   counter.set(counter.get + 1)
  class Global
    include Extern

    class << self
      # @param store [Store]
      # @param type [Symbol, ValType, HeapType]
      # @param value [Object]
      # @return [Global] one that cannot be set
      # @raise [TypeError, RangeError] for a value that does not fit the type
      def const(store, type, value)
        _new(store, _type(type), false, value)
      end

      # @param store [Store]
      # @param type [Symbol, ValType, HeapType]
      # @param value [Object] at the start
      # @return [Global] one that can be set
      # @raise [TypeError, RangeError] for a value that does not fit the type
      def var(store, type, value)
        _new(store, _type(type), true, value)
      end

      undef_method :new

      private

      def _type(type)
        type.is_a?(HeapType) ? ValType.new(type) : type
      end
    end
    private_class_method :_new

    # @!method store
    #   @return [Store] the store it belongs to
    # @!method var?
    #   @return [Boolean] whether it can be set
    # @!method get
    #   @return [Object, nil] the value

    # @return [Symbol, ValType] the type of the value
    def type
      ValType._public(_content)
    end

    # @return [Boolean] whether it cannot be set
    def const?
      !var?
    end

    # Replaces the value.
    # @param value [Object]
    # @return [nil]
    # @raise [Error] "immutable global cannot be set"
    # @raise [TypeError, RangeError] for a value that does not fit the type
    def set(value)
      _set(value)
    end

    private

    def _inspect_type
      " #{var? ? "(mut #{type})" : type} #{get.inspect}"
    rescue Error
      super
    end
  end
end
