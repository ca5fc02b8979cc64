# frozen_string_literal: true

# The application is loaded, and its plugins are compiled, once; then it forks.
preload_app!
workers Integer(ENV.fetch("WEB_CONCURRENCY", 2))
threads 5, 5
port Integer(ENV.fetch("PORT", 3000))
