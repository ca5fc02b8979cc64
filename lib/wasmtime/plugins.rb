# frozen_string_literal: true

# The plugins of a whole program.
module Wasmtime
  class << self
    # The plugins of this program. In a Rails application they are there once its initializers have run: those of the folder that
    # `config.wasmtime.plugins_path` names. Elsewhere they are whatever {plugins=} was given.
    # @return [Plugin::Registry]
    # @raise [Error] when there are none
    # @example
    #   Wasmtime.plugins["redact"].call_bytes("redact", "password=hunter2")
    def plugins
      @plugins || raise(Error, "this program has no plugins yet. A Rails application has them once its initializers have run and the folder of " \
                               "config.wasmtime.plugins_path (plugins/ unless set) exists: `rails generate wasmtime:plugin NAME` makes one. " \
                               "Elsewhere set them: Wasmtime.plugins = Wasmtime::Plugin::Registry.new(\"plugins\")")
    end

    # Sets the plugins of this program. Those that were set before are not closed: calls of them may be running.
    # @param registry [Plugin::Registry, nil] nil: none
    # @return [void]
    # @raise [TypeError] for anything else
    def plugins=(registry)
      unless registry.nil? || registry.is_a?(Plugin::Registry)
        raise TypeError, "plugins: expected a Wasmtime::Plugin::Registry or nil, got #{registry.class}"
      end

      @plugins = registry
    end
  end
end
