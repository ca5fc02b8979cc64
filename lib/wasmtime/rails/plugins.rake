# frozen_string_literal: true

namespace :wasmtime do
  desc "Compile all plugins of the application into its folder for compiled code (in a Dockerfile: no container compiles when it starts)"
  task plugins: :environment do
    Wasmtime.plugins.load_all
  end
end
