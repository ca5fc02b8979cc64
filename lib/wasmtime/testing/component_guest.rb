# frozen_string_literal: true

module Wasmtime
  module Testing
    # An instance of a component whose calls have a time limit.
    # @api private
    module ComponentGuest
      include Guest

      # Every function of a component's instance comes from here, also those of interfaces and resources within.
      def _exported_func(index, bytes)
        BoundedFunc.bound(super, @_seconds)
      end
    end
    private_constant :ComponentGuest
  end
end
