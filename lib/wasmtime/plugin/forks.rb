# frozen_string_literal: true

module Wasmtime
  class Plugin
    # Counts how often this process was forked off from another, which costs a call less than asking the system who we are.
    # @api private
    module Forks
      # Ruby calls `_fork` so that libraries notice forks; `daemon` forks by itself.
      module Hook
        def _fork
          super.tap { |child| Forks.advance if child.zero? }
        end

        def daemon(...)
          super.tap { Forks.advance }
        end
      end

      @generation = 0

      class << self
        # @return [Integer] another one in each process
        attr_reader :generation

        def advance
          @generation += 1
        end
      end

      Process.singleton_class.prepend(Hook)
    end
    private_constant :Forks
  end
end
