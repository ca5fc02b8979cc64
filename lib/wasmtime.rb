# frozen_string_literal: true

require_relative "wasmtime/version"
require_relative "wasmtime/native"
