# frozen_string_literal: true

module Wasmtime
  class Railtie
    # What `config.wasmtime` of a Rails application can be told. A name that is not here raises NoMethodError.
    #
    # @example In config/initializers/wasmtime.rb
    #   Rails.application.configure do
    #     config.wasmtime.grant = { env: { "PII_SALT" => ENV.fetch("PII_SALT") } }
    #     config.wasmtime.limits = { timeout: 1, memory_size: 32 << 20 }
    #   end
    class Settings
      # The engine of all plugins.
      # @return [Engine, nil] nil (the default): the one that plugins have when nobody says which
      attr_accessor :engine
      # The folder of the plugins, as {Plugin::Registry} takes it.
      # @return [String, Pathname, nil] relative to `Rails.root`; nil (the default): `plugins`, which need not exist
      attr_accessor :plugins_path
      # What plugins may have at most: each gets what its manifest requests of it.
      # @return [Hash] as `grant:` of {Plugin.load}; empty by default
      attr_accessor :grant
      # The limits of plugins: a manifest may lower them.
      # @return [Hash] as `limits:` of {Plugin.load}; empty by default, which leaves the safe defaults
      attr_accessor :limits
      # What plugins import from the application.
      # @return [Hash] as `imports:` of {Plugin.load}; empty by default
      attr_accessor :imports
      # The folder for compiled code.
      # @return [String, Pathname, false, nil] nil (the default): `tmp/cache/wasmtime`; false: none is kept
      attr_accessor :cache_dir
      # Where plugins write, and where compilations, calls and traps are logged.
      # @return [Logger, nil] nil (the default): `Rails.logger`
      attr_accessor :logger
      # Further keywords of {Plugin.load} for all plugins: `pool:`, `checkout_timeout:`, `reuse:`, `gvl:`.
      # @return [Hash] empty by default
      attr_accessor :plugin_options

      # @return [Settings] with the defaults
      def initialize
        @grant = {}
        @limits = {}
        @imports = {}
        @plugin_options = {}
      end

      # @api private
      def _folder(root)
        File.expand_path(plugins_path || "plugins", root)
      end

      # What {Plugin::Registry.new} is given besides the folder.
      # @api private
      def _options
        { engine: engine, cache_dir: cache_dir }.compact.merge(grant: grant, limits: limits, imports: imports, logger: _logger, **plugin_options)
      end

      # @api private
      def _logger
        logger || ::Rails.logger
      end
    end
  end
end
