# frozen_string_literal: true

module Fuzz
  # Modules the fuzzer instantiates: every kind of import and export, and functions that end in every way.
  GUESTS = {
    empty: "(module)",
    exports: <<~WAT,
      (module
        (memory (export "memory") 1 20) (table (export "externs") 3 100 externref) (table (export "funcs") 2 50 funcref)
        (global (export "i32") (mut i32) (i32.const 1)) (global (export "f64") (mut f64) (f64.const 1))
        (global (export "extern") (mut externref) (ref.null extern)) (global (export "constant") i64 (i64.const 7))
        (tag (export "tag") (param i32)) (tag $inner (param i64))
        (func $nothing (export "nothing"))
        (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
        (func (export "wide") (param i64 f32 f64) (result f64 i64) (local.get 2) (local.get 0))
        (func (export "keep") (param externref) (result externref)
          (global.get 2) (global.set 2 (local.get 0)))
        (func (export "func") (param funcref) (result funcref) (local.get 0))
        (elem declare func $nothing)
        (func (export "ref") (result funcref) (ref.func $nothing))
        (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
        (func (export "store") (param i32 i32) (i32.store (local.get 0) (local.get 1)))
        (func (export "trap") unreachable)
        (func (export "throw") (param i64) (throw $inner (local.get 0)))
        (func $deep (export "deep") (result i32) (i32.add (call $deep) (i32.const 1)))
        (func (export "loop") (loop $again (br $again))))
    WAT
    imports: <<~WAT,
      (module
        (import "env" "host" (func $host (param i32) (result i32)))
        (import "env" "object" (func $object (param externref) (result externref)))
        (func (export "host") (param i32) (result i32) (call $host (local.get 0)))
        (func (export "object") (param externref) (result externref) (call $object (local.get 0)))
        (func (export "often") (param i32) (result i32)
          (local $sum i32)
          (loop $again
            (local.set $sum (i32.add (local.get $sum) (call $host (local.get 0))))
            (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
            (br_if $again (i32.gt_s (local.get 0) (i32.const 0))))
          (local.get $sum)))
    WAT
    starting: '(module (import "env" "host" (func $host (param i32) (result i32))) (func $start (drop (call $host (i32.const 1)))) (start $start))',
    linked: '(module (import "m" "memory" (memory 1)) (import "m" "add" (func $add (param i32 i32) (result i32)))
      (func (export "run") (result i32) (call $add (i32.load (i32.const 0)) (i32.const 1))))',
    wasi: <<~WAT
      (module
        (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
        (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
        (memory (export "memory") 1)
        (func (export "random") (param i32 i32) (result i32) (call $random (local.get 0) (local.get 1)))
        (func (export "exit") (param i32) (call $exit (local.get 0)))
        (func (export "write") (param i32 i32) (result i32) (call $write (i32.const 1) (local.get 0) (local.get 1) (i32.const 8)))
        (func (export "poll") (param i32 i32) (result i32) (call $poll (local.get 0) (i32.const 4096) (local.get 1) (i32.const 8))))
    WAT
  }.freeze
end
