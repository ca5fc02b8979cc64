;; Records and tuples, flat and in memory.

(component
  (core module $m
    (memory (export "memory") 1)
    (global $end (mut i32) (i32.const 256))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (local $at i32)
      (local.set $at (i32.and (i32.add (global.get $end) (i32.const 7)) (i32.const -8)))
      (global.set $end (i32.add (local.get $at) (local.get 3)))
      (local.get $at))
    ;; record { x: s32, y: f64 }
    (func (export "point") (param i32 f64) (result i32)
      (i32.store (i32.const 0) (local.get 0))
      (f64.store (i32.const 8) (local.get 1))
      (i32.const 0))
    (func (export "length") (param i32 f64) (result f64) (f64.add (f64.convert_i32_s (local.get 0)) (local.get 1)))
    ;; record { a: u8, b: u16, c: u8, d: u64, e: string, f: bool }
    (func (export "packed") (param i32 i32 i32 i64 i32 i32 i32) (result i32)
      (i32.store8 (i32.const 32) (local.get 0))
      (i32.store16 (i32.const 34) (local.get 1))
      (i32.store8 (i32.const 36) (local.get 2))
      (i64.store (i32.const 40) (local.get 3))
      (i32.store (i32.const 48) (local.get 4))
      (i32.store (i32.const 52) (local.get 5))
      (i32.store8 (i32.const 56) (local.get 6))
      (i32.const 32))
    (func (export "one") (param i32) (result i32) (local.get 0))
    ;; tuple<u8, s64, f32>
    (func (export "three") (param i32 i64 f32) (result i32)
      (i32.store8 (i32.const 80) (local.get 0))
      (i64.store (i32.const 88) (local.get 1))
      (f32.store (i32.const 96) (local.get 2))
      (i32.const 80))
    (func (export "twins") (param i32 i32) (result i32)
      (i32.store (i32.const 112) (local.get 0))
      (i32.store (i32.const 116) (local.get 1))
      (i32.const 112))
    (func (export "pointer") (param i32) (result i32) (local.get 0)))
  (core instance $i (instantiate $m))
  (type $point-definition (record (field "x" s32) (field "y" f64)))
  (export $point "point" (type $point-definition))
  (type $packed-definition (record
    (field "a" u8) (field "b" u16) (field "c" u8) (field "d" u64) (field "e-long-name" string) (field "f" bool)))
  (export $packed "packed" (type $packed-definition))
  (type $one-definition (record (field "only" char)))
  (export $one "one" (type $one-definition))
  (func (export "same-point") (param "p" $point) (result $point) (canon lift (core func $i "point") (memory (core memory $i "memory"))))
  (func (export "length") (param "p" $point) (result f64) (canon lift (core func $i "length")))
  (func (export "same-packed") (param "p" $packed) (result $packed)
    (canon lift (core func $i "packed") (memory (core memory $i "memory")) (realloc (core func $i "realloc"))))
  (func (export "same-one") (param "p" $one) (result $one) (canon lift (core func $i "one")))
  (func (export "only") (param "p" $one) (result char) (canon lift (core func $i "one")))
  (func (export "three") (param "p" (tuple u8 s64 f32)) (result (tuple u8 s64 f32))
    (canon lift (core func $i "three") (memory (core memory $i "memory"))))
  (func (export "single") (param "p" (tuple u32)) (result (tuple u32)) (canon lift (core func $i "one")))
  (func (export "twins") (param "p" (list (tuple u8 u8))) (result (list (tuple u8 u8)))
    (canon lift (core func $i "twins") (memory (core memory $i "memory")) (realloc (core func $i "realloc"))))
  (func (export "read-point") (param "at" u32) (result $point) (canon lift (core func $i "pointer") (memory (core memory $i "memory")))))

(assert_return (invoke "same-point" (record.const (field "x" s32.const -7) (field "y" f64.const 0.5)))
  (record.const (field "x" s32.const -7) (field "y" f64.const 0.5)))
(assert_return (invoke "length" (record.const (field "x" s32.const 3) (field "y" f64.const 0.25))) (f64.const 3.25))
(assert_return
  (invoke "same-packed" (record.const
    (field "a" u8.const 255) (field "b" u16.const 65535) (field "c" u8.const 1) (field "d" u64.const 18446744073709551615)
    (field "e-long-name" str.const "täxt") (field "f" bool.const true)))
  (record.const
    (field "a" u8.const 255) (field "b" u16.const 65535) (field "c" u8.const 1) (field "d" u64.const 18446744073709551615)
    (field "e-long-name" str.const "täxt") (field "f" bool.const true)))
(assert_return (invoke "same-one" (record.const (field "only" char.const "é"))) (record.const (field "only" char.const "é")))
(assert_return (invoke "only" (record.const (field "only" char.const "é"))) (char.const "é"))
(assert_return (invoke "three" (tuple.const (u8.const 1) (s64.const -2) (f32.const 1.5)))
  (tuple.const (u8.const 1) (s64.const -2) (f32.const 1.5)))
(assert_return (invoke "single" (tuple.const (u32.const 9))) (tuple.const (u32.const 9)))
(assert_return (invoke "twins" (list.const (tuple.const (u8.const 1) (u8.const 2)) (tuple.const (u8.const 3) (u8.const 4))))
  (list.const (tuple.const (u8.const 1) (u8.const 2)) (tuple.const (u8.const 3) (u8.const 4))))
(assert_return (invoke "read-point" (u32.const 128)) (record.const (field "x" s32.const 0) (field "y" f64.const 0)))
;; A record lies where its most demanding field may.
(assert_trap (invoke "read-point" (u32.const 132)) "return pointer not aligned")

;; A field that is wrong.
(component
  (core module $m
    (memory (export "memory") 1)
    (func (export "pointer") (param i32) (result i32) (local.get 0))
    (data (i32.const 16) "\01\00\00\00\00\00\11\00"))
  (core instance $i (instantiate $m))
  (func (export "char") (param "at" u32) (result (tuple u8 char)) (canon lift (core func $i "pointer") (memory (core memory $i "memory")))))
(assert_return (invoke "char" (u32.const 0)) (tuple.const (u8.const 0) (char.const "\00")))
(assert_trap (invoke "char" (u32.const 16)) "converted integer out of range for `char`")

(component
  (core module $m
    (memory (export "memory") 1)
    (func (export "pointer") (param i32) (result i32) (local.get 0))
    (data (i32.const 32) "\02\00\00\00\00\00\01\00\02\00\00\00"))
  (core instance $i (instantiate $m))
  (type $r-definition (record (field "flag" bool) (field "text" string)))
  (export $r "r" (type $r-definition))
  (func (export "text") (param "at" u32) (result $r) (canon lift (core func $i "pointer") (memory (core memory $i "memory")))))
(assert_return (invoke "text" (u32.const 0)) (record.const (field "flag" bool.const false) (field "text" str.const "")))
(assert_trap (invoke "text" (u32.const 32)) "string pointer/length out of bounds of memory")
