# frozen_string_literal: true

module Wasmtime
  module Component
    # A handle of a resource that lives in a guest, or in the host's own WASI: its methods are Ruby methods, with underscores for hyphens.
    # It is dropped once, by {#close} or after Ruby's GC found it, at the next entry of its store. One that was passed away as own is of no
    # use afterwards, and one that was borrowed is of none after the call.
    #
    # @example
    #   counter = instance.functions.make_counter
    #   counter.increment
    #   counter.close
    class Resource
      private_class_method :new

      # @!method closed?
      #   @return [Boolean] whether it is of no more use: dropped, passed away, its borrow over, or its store closed
      # @!method owned?
      #   @return [Boolean] whether it is owned, or borrowed for the call of a host block
      # @!method type
      #   @return [ResourceType] its type
      # @!method store
      #   @return [Store] the store it belongs to

      # Drops the resource, by which its destructor runs. A second time it does nothing.
      # @return [nil]
      # @raise [Error] for a borrowed one, and for one that the guest has borrowed
      # @raise [Trap] when its destructor traps
      # @raise [StoreError] when the store is busy
      def close
        _close unless closed?
      end

      # Drops the resource.
      # @return [nil]
      # @raise [Error] when that has been done, or it was passed away; and as {#close}
      def resource_drop
        _close
      end

      # @return [String] what it is, to be read by people
      def inspect
        "#<Wasmtime::Component::Resource#{" #{_class.name}" if _class}#{' (closed)' if closed?}>"
      rescue StoreError
        "#<Wasmtime::Component::Resource (store closed or busy)>"
      end

      private

      # The resource as an instance of its store exports it.
      def _class
        @_class ||= store.closed? ? nil : store.__send__(:_resource_class, type)
      end

      def method_missing(name, *args, **keywords)
        func = _class&._method(name)
        return func.call(self, *args, **keywords) if func
        raise StoreClosedError, "Wasmtime::Store is closed" if store.closed?

        super
      end

      def respond_to_missing?(name, _all)
        !_class&._method(name).nil?
      end
    end
  end
end
