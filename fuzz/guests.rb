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
    references: <<~WAT,
      (module
        (import "env" "host" (func $host (param i32) (result i32)))
        (type $point (struct (field (mut i32)) (field f64)))
        (type $node (sub (struct (field (mut anyref)) (field (mut (ref null $node))))))
        (type $box (sub final $node (struct (field (mut anyref)) (field (mut (ref null $node))) (field (mut externref)) (field (mut i8)))))
        (type $bytes (array (mut i8))) (type $anys (array (mut anyref))) (type $unary (func (param i32) (result i32)))
        (tag $e (export "tag") (param i32 externref)) (tag $wide (export "wide") (param v128 anyref f32)) (tag (export "empty"))
        (global (export "any") (mut anyref) (ref.null any)) (global (export "exn") (mut exnref) (ref.null exn))
        (global (export "vector") (mut v128) (v128.const i64x2 1 2)) (global (export "point") (mut (ref null $point)) (ref.null $point))
        (table (export "anys") 3 50 anyref) (table (export "exns") 2 50 exnref) (table (export "nodes") 2 50 (ref null $node))
        (func $inc (export "inc") (type $unary) (i32.add (local.get 0) (i32.const 1)))
        (func (export "point_new") (param i32 f64) (result (ref $point)) (struct.new $point (local.get 0) (local.get 1)))
        (func (export "first") (param (ref null $point)) (result i32) (struct.get $point 0 (local.get 0)))
        (func (export "box") (param anyref (ref null $node) externref i32) (result (ref $box))
          (struct.new $box (local.get 0) (local.get 1) (local.get 2) (local.get 3)))
        (func (export "link") (param (ref $node) (ref null $node)) (struct.set $node 1 (local.get 0) (local.get 1)))
        (func (export "bytes") (param i32) (result (ref $bytes)) (array.new_default $bytes (i32.and (local.get 0) (i32.const 0xffff))))
        (func (export "pair") (param anyref anyref) (result (ref $anys)) (array.new_fixed $anys 2 (local.get 0) (local.get 1)))
        (func (export "list") (param i32) (result (ref null $node)) (local $list (ref null $node))
          (local.set 0 (i32.and (local.get 0) (i32.const 0xfff)))
          (loop $again
            (local.set $list (struct.new $node (ref.i31 (local.get 0)) (local.get $list)))
            (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
            (br_if $again (i32.gt_s (local.get 0) (i32.const 0))))
          (local.get $list))
        (func (export "same") (param anyref) (result anyref) (local.get 0))
        (func (export "equal") (param eqref eqref) (result i32) (ref.eq (local.get 0) (local.get 1)))
        (func (export "many") (param anyref externref exnref v128 funcref) (result funcref v128 exnref externref anyref)
          (local.get 4) (local.get 3) (local.get 2) (local.get 1) (local.get 0))
        (func (export "out") (param anyref) (result externref) (extern.convert_any (local.get 0)))
        (func (export "in") (param externref) (result anyref) (any.convert_extern (local.get 0)))
        (func (export "apply") (param (ref null $unary)) (result i32) (call_ref $unary (i32.const 1) (local.get 0)))
        (elem declare func $inc)
        (func (export "unary") (result (ref $unary)) (ref.func $inc))
        (func (export "shuffle") (param v128 v128) (result v128) (i8x16.swizzle (local.get 0) (local.get 1)))
        (func (export "throw") (param i32 externref) (throw $e (local.get 0) (local.get 1)))
        (func (export "throw_wide") (param v128 anyref f32) (throw $wide (local.get 0) (local.get 1) (local.get 2)))
        (func (export "throw_ref") (param exnref) (throw_ref (local.get 0)))
        (func (export "catch") (param i32) (result i32 externref)
          (block $caught (result i32 externref)
            (try_table (result i32) (catch $e $caught) (call $host (local.get 0))) (ref.null extern)))
        (func (export "catch_all") (param i32) (result i32)
          (block $caught (try_table (catch_all $caught) (drop (call $host (local.get 0)))) (return (i32.const 0))) (i32.const 1))
        (func (export "catch_ref") (param i32) (result exnref)
          (block $caught (result exnref) (try_table (catch_all_ref $caught) (drop (call $host (local.get 0)))) (ref.null exn)))
        (func (export "rethrow") (param i32)
          (block $caught (result exnref) (try_table (catch_all_ref $caught) (drop (call $host (local.get 0)))) (return)) (throw_ref)))
    WAT
    throwing: '(module (import "env" "host" (func $host (param i32) (result i32))) (tag $t (export "tag") (param i32))
      (func $start (if (call $host (i32.const 1)) (then (throw $t (i32.const 7))))) (start $start))',
    tagged: '(module (import "m" "tag" (tag $t (param i32 externref))) (func (export "throw") (throw $t (i32.const 1) (ref.null extern))))',
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
