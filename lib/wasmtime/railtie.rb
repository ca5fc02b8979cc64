# frozen_string_literal: true

require "rails/railtie"
require_relative "plugin"
require_relative "plugins"

module Wasmtime
  # What a Rails application gets when it loads this gem: {Settings} as `config.wasmtime`, its plugins as {Wasmtime.plugins}, a line in the log
  # for what they do, and `rails generate wasmtime:plugin NAME`.
  #
  # With `config.eager_load` all plugins are compiled while the application boots, so before Puma forks its workers, and one that is broken
  # ends the boot. Else each is compiled when it is first used. Where code is reloaded (`config.cache_classes` is false) so are plugins, when a
  # file of theirs has changed; a broken one is logged then, and what was there before goes on.
  class Railtie < ::Rails::Railtie
    require_relative "rails/settings"
    require_relative "rails/plugin_folder"
    require_relative "rails/log_subscriber"

    config.wasmtime = Settings.new

    initializer "wasmtime.log_subscriber" do |app|
      LogSubscriber.subscribe(app.config.wasmtime)
    end

    # The application says in its own initializers what plugins may do.
    initializer "wasmtime.plugins", after: :load_config_initializers do |app|
      Wasmtime.cache_dir = app.config.wasmtime.cache_dir unless app.config.wasmtime.cache_dir.nil?
      PluginFolder.new(app).open
    end

    rake_tasks { load File.expand_path("rails/plugins.rake", __dir__) }
  end
end
