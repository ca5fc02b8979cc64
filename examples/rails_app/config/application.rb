# frozen_string_literal: true

require_relative "boot"
require "rails"
require "action_controller/railtie"

Bundler.require(*Rails.groups)

# No database, no views: what is needed to call plugins, and no more.
class RailsApp < Rails::Application
  config.load_defaults 6.1
  config.api_only = true
end
