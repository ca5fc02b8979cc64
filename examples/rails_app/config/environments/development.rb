# frozen_string_literal: true

Rails.application.configure do
  config.cache_classes = false
  config.eager_load = false
  config.consider_all_requests_local = true
  # Plugins are reloaded when a file changes, as the code of the application is.
  config.file_watcher = ActiveSupport::EventedFileUpdateChecker
end
