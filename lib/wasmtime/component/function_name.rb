# frozen_string_literal: true

module Wasmtime
  module Component
    # The name of a function that belongs to a resource: `[constructor]blob`, `[method]blob.read`, `[static]blob.make`.
    # @api private
    FunctionName = Struct.new(:kind, :resource, :name)
    private_constant :FunctionName

    class FunctionName
      PATTERN = /\A\[(constructor|method|static)\]([^.]+)(?:\.(.+))?\z/

      # @param text [String]
      # @return [FunctionName, nil] nil for the name of any other function
      def self.parse(text)
        kind, resource, name = PATTERN.match(text)&.captures
        new(kind.to_sym, resource, name) if kind
      end
    end
  end
end
