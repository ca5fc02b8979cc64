# frozen_string_literal: true

module Wasmtime
  class Plugin
    # Everything that goes wrong with a plugin. What does not compile is a {CompileError}, an import that nobody gives is a {LinkError}, wrong
    # arguments are ArgumentError and the like, and an exception raised by a host block leaves as the same object.
    class Error < Wasmtime::Error; end

    # A manifest that is not what a manifest may be.
    class ManifestError < Error; end

    # Something that the host does not allow, refused while the plugin was loaded: a file outside of the plugin's folder, or another one than was
    # expected.
    class PermissionError < Error; end

    # The guest's fault: it trapped, ran too long, used up its fuel or its memory, exited, or gave what cannot be used. The trap is the `cause`.
    #
    # @example
    #   begin
    #     plugin.call(:render, 1)
    #   rescue Wasmtime::Plugin::GuestError => e
    #     e.cause      # => #<Wasmtime::TimeoutError ...>
    #     e.usage.wall # => 5.003
    #   end
    class GuestError < Error
      # @return [String] the plugin's name
      attr_reader :plugin
      # @return [String] the function that was called
      attr_reader :function
      # @return [Usage, nil] what the call took until then
      attr_reader :usage

      # @param message [String] what happened
      # @param plugin [String, nil] the plugin's name
      # @param function [String, nil] the function that was called
      # @param usage [Usage, nil] what the call took until then
      # @return [void]
      def initialize(message = nil, plugin: nil, function: nil, usage: nil)
        super(message)
        @plugin = plugin
        @function = function
        @usage = usage
      end

      # For pattern matching.
      # @param _keys [Array<Symbol>, nil]
      # @return [Hash{Symbol => Object}]
      # @example
      #   case error
      #   in { cause: Wasmtime::TimeoutError, usage: { wall: } } then warn "stopped after #{wall} s"
      #   end
      def deconstruct_keys(_keys)
        { plugin: plugin, function: function, usage: usage, cause: cause, message: message }
      end
    end

    # The engine could not do what it was asked for, through no fault of the guest. The error it gave is the `cause`.
    class EngineError < Error; end

    # All instances that may run at the same time were busy for as long as `checkout_timeout:` says.
    class CheckoutTimeout < Error; end

    # A plugin or a registry that was closed.
    class ClosedError < Error; end

    # A plugin that a registry does not have, or a function that a plugin does not export.
    class NotFound < Error
      # @return [String] the name that was asked for
      attr_reader :key

      # @param message [String] what is missing
      # @param key [String, nil] the name that was asked for
      # @return [void]
      def initialize(message = nil, key: nil)
        super(message)
        @key = key
      end
    end
  end
end
