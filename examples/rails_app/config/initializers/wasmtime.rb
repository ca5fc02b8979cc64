# frozen_string_literal: true

Rails.application.configure do
  # What plugins may have at most; each gets what its plugin.yml asks for of it, and no plugin gets anything that is not written here.
  config.wasmtime.grant = { env: ENV.slice("PII_SALT") }
  config.wasmtime.limits = { timeout: 1, memory_size: 32 << 20 }
  # At most two requests are inside one plugin at a time, in each process: a slow plugin cannot take all threads.
  config.wasmtime.plugin_options = { pool: 2, checkout_timeout: 0.5 }
end
