# frozen_string_literal: true

module Wasmtime
  module Component
    # The type of a core module that a component imports or exports.
    class ModuleType
      include Type

      # @return [Array<ImportType>] in order; frozen
      attr_reader :imports
      # @return [Array<ExportType>] in order; frozen
      attr_reader :exports

      # @param imports [Array<ImportType>]
      # @param exports [Array<ExportType>]
      # @return [void]
      # @raise [TypeError] for what is no Array
      def initialize(imports, exports)
        @imports = Wasmtime._array(imports).dup.freeze
        @exports = Wasmtime._array(exports).dup.freeze
        _seal
      end

      # @return [String] as in the text format: WIT has no words for modules
      def to_s
        "(module#{[*imports, *exports].map { |part| " #{part}" }.join})"
      end

      # @api private
      def _value?
        false
      end

      # @api private
      def _state
        { imports: imports, exports: exports }
      end
    end
  end
end
