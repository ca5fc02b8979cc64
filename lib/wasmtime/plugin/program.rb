# frozen_string_literal: true

require_relative "core_program"
require_relative "component_program"
require_relative "engines"

module Wasmtime
  class Plugin
    # The compiled code of a plugin with its imports: a {CoreProgram} or a {ComponentProgram}.
    # @api private
    module Program
      # Compiled code, and where its instances live.
      Compiled = Struct.new(:code, :room)

      class << self
        # @param fresh [Boolean] whether each call has an instance of its own
        # @param metered [Boolean] whether fuel is counted
        # @param room [Engines::Room, nil] instead of what plugins share
        # @return [Compiled]
        def compile(bytes, fresh:, metered:, room:, cache_dir:)
          folder = Wasmtime._cache_folder(cache_dir)
          room ||= fresh ? Engines.pooling(metered) : Engines.on_demand(metered)
          Compiled.new(Cache.load_bytes(bytes, room.engine, folder), room)
        rescue CompileError => e
          raise unless room.slots && e.message.include?("pooling allocator")

          # What is too large for the pool: several memories, a table of millions.
          room = Engines.on_demand(metered)
          Compiled.new(Cache.load_bytes(bytes, room.engine, folder), room)
        end

        # @return [CoreProgram, ComponentProgram]
        def link(code, imports)
          code.is_a?(Module) ? CoreProgram.new(code, imports) : ComponentProgram.new(code, imports)
        end
      end
    end
    private_constant :Program
  end
end
