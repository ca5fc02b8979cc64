# frozen_string_literal: true

module Wasmtime
  module Component
    # `T` of a resource `T`: a {Resource} that changes hands.
    class OwnType
      include Type

      # @return [ResourceType] the type of the resource
      attr_reader :resource

      # @param resource [ResourceType] the type of the resource
      # @return [void]
      def initialize(resource)
        @resource = resource
        _seal
      end

      # @api private
      def _state
        { resource: resource }
      end

      # @api private
      def _wit(wit)
        wit.resource(resource)
      end
    end
  end
end
