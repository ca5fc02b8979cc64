# frozen_string_literal: true

require "tmpdir"

# Plugins that specs write into a folder of their own, as a module and as a component that do the same.
module Plugins
  KINDS = %i[module component].freeze

  # What both do. `note` is a function of the host.
  BODY = <<~WAT
    (memory (export "memory") 1)
    (global $at (mut i32) (i32.const 1024))
    (global $count (mut i32) (i32.const 0))
    (func $allocate (export "allocate") (param $size i32) (result i32)
      (global.get $at)
      (global.set $at (i32.add (global.get $at) (local.get $size)))
      (block $fits (loop $more
        (br_if $fits (i32.le_u (global.get $at) (i32.mul (memory.size) (i32.const 65536))))
        (br_if $more (i32.ge_s (memory.grow (i32.const 1)) (i32.const 0)))
        unreachable)))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (call $allocate (local.get 3)))
    (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
    (func (export "count") (result i32) (global.set $count (i32.add (global.get $count) (i32.const 1))) (global.get $count))
    (func (export "spin") (loop (br 0)))
    (func (export "boom") unreachable)
    (func (export "ask") (param i32) (result i32) (call $note (local.get 0)))
    (func (export "grow") (if (i32.lt_s (memory.grow (i32.const 5000)) (i32.const 0)) (then unreachable)))
    (func $place (param i32 i32) (result i32) (i32.store (i32.const 16) (local.get 0)) (i32.store (i32.const 20) (local.get 1)) (i32.const 16))
  WAT
  MODULE = <<~WAT.freeze
    (module
      (import "host" "note" (func $note (param i32) (result i32)))
      #{BODY}
      (global $freed (mut i32) (i32.const 0))
      (func (export "free") (param i32 i32) (global.set $freed (i32.add (global.get $freed) (local.get 1))))
      (func (export "freed") (result i32) (global.get $freed))
      (func $pack (param i32 i32) (result i64)
        (i64.or (i64.shl (i64.extend_i32_u (local.get 0)) (i64.const 32)) (i64.extend_i32_u (local.get 1))))
      (func (export "echo") (param i32 i32) (result i64) (call $pack (local.get 0) (local.get 1)))
      (func (export "say") (param i32 i32) (result i64) (call $pack (call $allocate (local.get 1)) (local.get 1)))
      (func (export "pair") (param i32 i32) (result i32 i32) (local.get 0) (local.get 1))
      (func (export "far") (param i32 i32) (result i64) (call $pack (i32.const 65530) (i32.const 7)))
      (func (export "huge") (param i32 i32) (result i64) (i64.const -1)))
  WAT
  COMPONENT = <<~WAT.freeze
    (component
      (import "note" (func $note (param "n" s32) (result s32)))
      (core func $lowered (canon lower (func $note)))
      (core module $m
        (import "host" "note" (func $note (param i32) (result i32)))
        #{BODY}
        (func (export "echo") (param i32 i32) (result i32) (call $place (local.get 0) (local.get 1)))
        (func (export "try") (param i32 i32) (result i32)
          (i32.store (i32.const 16) (i32.eqz (local.get 1))) (i32.store (i32.const 20) (local.get 0)) (i32.store (i32.const 24) (local.get 1))
          (i32.const 16)))
      (core instance $i (instantiate $m (with "host" (instance (export "note" (func $lowered))))))
      (alias core export $i "memory" (core memory $memory))
      (alias core export $i "realloc" (core func $realloc))
      (func $add (param "a" s32) (param "b" s32) (result s32) (canon lift (core func $i "add")))
      (export "add" (func $add))
      (func (export "count") (result s32) (canon lift (core func $i "count")))
      (func (export "spin") (canon lift (core func $i "spin")))
      (func (export "boom") (canon lift (core func $i "boom")))
      (func (export "grow") (canon lift (core func $i "grow")))
      (func (export "ask") (param "n" s32) (result s32) (canon lift (core func $i "ask")))
      (func (export "echo") (param "text" string) (result string)
        (canon lift (core func $i "echo") (memory $memory) (realloc $realloc)))
      (func (export "echo-bytes") (param "bytes" (list u8)) (result (list u8))
        (canon lift (core func $i "echo") (memory $memory) (realloc $realloc)))
      (func (export "try") (param "text" string) (result (result string (error string)))
        (canon lift (core func $i "try") (memory $memory) (realloc $realloc)))
      (instance $math (export "sum-up" (func $add)))
      (export "test:guest/math@1.0.0" (instance $math)))
  WAT

  # A folder for the example.
  def folder
    @folder ||= File.realpath(Dir.mktmpdir)
  end

  # @return [String] the path of a file in it
  def write(name, content)
    path = File.join(folder, name)
    FileUtils.mkdir_p(File.dirname(path))
    File.binwrite(path, content)
    path
  end

  # A plugin of a kind.
  def load_plugin(kind, note: ->(n) { n }, **options)
    path = write("#{kind}.wat", kind == :module ? MODULE : COMPONENT)
    imports = kind == :module ? { "host" => { note: note } } : { "note" => note }
    Wasmtime::Plugin.load(path, imports: imports, cache_dir: false, **options)
  end

  # A plugin of any other text.
  def load_text(wat, **options)
    Wasmtime::Plugin.load(write("plugin.wat", wat), cache_dir: false, **options)
  end

  # A Logger's entries as [severity, text].
  def log_of
    entries = []
    logger = Object.new
    %i[info error].each { |severity| logger.define_singleton_method(severity) { |text| entries << [severity, text] } }
    [logger, entries]
  end

  # What a block raised.
  def raised
    yield
    nil
  rescue Exception => e # rubocop:disable Lint/RescueException
    e
  end
end

RSpec.configure do |config|
  config.include(Plugins, file_path: %r{spec/wasmtime/(?:plugin(?:/|_spec)|subscribe_spec)})
  config.after(file_path: %r{spec/wasmtime/(?:plugin(?:/|_spec)|subscribe_spec)}) { FileUtils.rm_rf(@folder) if @folder }
end
