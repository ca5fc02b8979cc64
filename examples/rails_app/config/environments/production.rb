# frozen_string_literal: true

Rails.application.configure do
  config.cache_classes = true
  # Plugins are compiled here too, before Puma forks; a broken one stops the boot.
  config.eager_load = true
  config.log_level = :info
end
