# frozen_string_literal: true

module Wasmtime
  module Component
    # The type of a resource: the same for all handles of it in one store, and for a component's own description of itself.
    class ResourceType
      private_class_method :new

      # @!method ==(other)
      #   @param other [Object]
      #   @return [Boolean] whether both are the same type
      # @!method eql?(other)
      #   @param other [Object]
      #   @return [Boolean] as {#==}
      # @!method hash
      #   @return [Integer] the same for equal types

      # @return [String] what it is, to be read by people
      def inspect
        "#<Wasmtime::Component::ResourceType>"
      end
    end
  end
end
