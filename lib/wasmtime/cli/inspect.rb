# frozen_string_literal: true

require_relative "../../wasmtime"
require_relative "source"
require_relative "binary"
require_relative "features"
require_relative "needs"
require_relative "description"

module Wasmtime
  module CLI
    # `wasmtime-rb inspect`
    # @api private
    class Inspect < Command
      BANNER = "Usage: wasmtime-rb inspect [--json] FILE"
      NOTES = <<~TEXT
        Shows what FILE, a module or component in the binary or the text format, is: its size and name, the proposals it cannot do without, what it
        uses of WASI and which permissions that hints at, and its imports and exports with their types, as WAT or WIT. Nothing of it is run.

        Exit status: 0, 1 for a file that cannot be read or is invalid, 2 for a wrong command line.
      TEXT

      private

      def options(parser)
        parser.on("--json", "print one JSON object, for machines") { @json = true }
      end

      def perform(arguments)
        source = Source.new(file(arguments))
        description = Source.about(source.path) { describe(source) }
        @stdout.puts(@json ? description.to_json : description.to_s)
        0
      end

      # Types, imports and exports are those of the outline, which is compiled in no time.
      def describe(source)
        binary = Binary.new(source.bytes)
        modules = binary.modules
        features = Features.needed(modules)
        outline = binary.outline
        compiled = (source.component? ? Component::Component : Module).new(Features.engine, outline)
        refusal = Features.refusal(modules, (outline if source.component?))
        features << "component-model-map" if refusal&.include?("wasm_component_model_map")
        Description.new(source, compiled, name: binary.name, features: features, refusal: refusal)
      end
    end
    private_constant :Inspect
  end
end
