# frozen_string_literal: true

module Wasmtime
  class Plugin
    # Whose fault an exception is: the guest's, the engine's, or that of a host block or of who called, whose exceptions stay as they are.
    # @api private
    module Faults
      # What a guest gave that cannot be used. Becomes a {GuestError} with the same cause.
      class Misbehaviour < Wasmtime::Error; end

      # What ends a guest.
      GUEST = [Trap, WasiExit, WasmException].freeze
      # What a host block did wrong, or a resource of another store.
      HOST = [Plugin::Error, ResultError, ConversionError, Component::ResultError, LinkError].freeze
      LIBRARY = File.expand_path("..", __dir__) + File::SEPARATOR
      OWN = __dir__ + File::SEPARATOR
      # What instantiation says of a guest that wants more than it may have.
      GREEDY = /\bexceeds? \w+ limits?\b|\Aresource limit exceeded\b/
      OUTCOMES = { TimeoutError => :timeout, OutOfFuelError => :out_of_fuel, MemoryLimitError => :memory_limit }.freeze
      private_constant :GUEST, :HOST, :LIBRARY, :OWN, :GREEDY, :OUTCOMES

      class << self
        # Raises what the caller of a plugin is to see.
        # @param error [Error]
        # @param invocation [Invocation]
        def raise_explained(error, invocation)
          raise error if HOST.any? { |kind| error.is_a?(kind) } || (invocation.called_host && from_host_block?(error))

          blame(error, invocation)
        end

        # What became of a call, in a word.
        # @return [Symbol]
        def outcome(error, called_host)
          case error
          when GuestError then OUTCOMES.find { |kind, _word| error.cause.is_a?(kind) }&.last || :trap
          when CheckoutTimeout then :checkout_timeout
          when Plugin::Error then :error
          else called_host ? :host_error : :error
          end
        end

        private

        def blame(error, invocation)
          guest = invocation.guest
          return guests(error.cause, error.message, invocation) if error.is_a?(Misbehaviour)
          return guests(cause = explain(error, guest), cause.message, invocation) if guest && (ended?(error) || (!guest.instance && greedy?(error)))

          raise EngineError, invocation.message("the engine failed: #{error.message}"), cause: error
        end

        def ended?(error)
          GUEST.any? { |kind| error.is_a?(kind) }
        end

        def greedy?(error)
          error.instance_of?(Wasmtime::Error) && error.message.match?(GREEDY)
        end

        def explain(error, guest)
          error.is_a?(WasiExit) && error.code.zero? ? error : Runner.explain(error, guest.store)
        end

        def guests(cause, text, invocation)
          raise GuestError.new(invocation.message(Untrusted.line(text, 500)), plugin: invocation.plugin, function: invocation.function,
                                                                              usage: invocation.usage), cause: cause
        end

        # Traps of other guests, which host blocks may run, were raised in a file that is not of this library; our own in this folder.
        def from_host_block?(error)
          frames = error.is_a?(Trap) ? error.frames.size : 0
          line = error.backtrace.to_a.drop(frames).find { |frame| !frame.start_with?(LIBRARY) || frame.start_with?(OWN) }
          !line.nil? && !line.start_with?(OWN)
        end
      end
    end
    private_constant :Faults
  end
end
