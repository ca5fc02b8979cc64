# frozen_string_literal: true

module Wasmtime
  # Version of this gem. It has its own semantic versioning; the engine inside is told by `Wasmtime::WASMTIME_VERSION`.
  VERSION = "0.1.0"
end
