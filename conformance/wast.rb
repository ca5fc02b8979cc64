# frozen_string_literal: true

require "wasmtime"
require_relative "wast/script"
