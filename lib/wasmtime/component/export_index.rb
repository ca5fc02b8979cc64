# frozen_string_literal: true

module Wasmtime
  module Component
    # Where an export lies in a component, looked up once: {Instance#get_export_index} gives it, {Instance#get_func} takes it. Of use with
    # every instance of the same component; elsewhere it finds nothing.
    class ExportIndex
      class << self
        # Follows a path from outside in.
        # @api private
        # @param path [String, Symbol, ExportIndex, Array<String, Symbol, ExportIndex>]
        # @param component [Component] where to look
        # @param start [ExportIndex, nil] where to begin
        # @yield [place, name] asks for an export
        def _find(path, component, start = nil)
          steps = path.is_a?(Array) ? path : [path]
          steps.reduce(start) do |place, step|
            found = step.is_a?(ExportIndex) ? step._in(component) : yield(place, _name(step))
            return nil unless found

            found
          end
        end

        private

        def _name(step)
          return Wasmtime._name(step) if step.is_a?(Symbol) || String.try_convert(step)

          raise TypeError, "invalid argument for component index, expected String | ExportIndex | Array of both, got #{step.inspect}"
        end
      end
      private_class_method :new

      # @!method ==(other)
      #   @param other [Object]
      #   @return [Boolean] whether both are the same place of the same component
      # @!method eql?(other)
      #   @param other [Object]
      #   @return [Boolean] as {#==}
      # @!method hash
      #   @return [Integer] the same for equal places

      # Itself in the component that it is of.
      # @api private
      def _in(component)
        self if _component.equal?(component)
      end
    end
  end
end
