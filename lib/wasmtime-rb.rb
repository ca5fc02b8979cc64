# frozen_string_literal: true

# Bundler requires a gem by its name: `gem "wasmtime-rb"` then needs no `require:`.
require_relative "wasmtime"
