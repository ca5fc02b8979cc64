;; Where arguments and results are: as core values, and in memory when they are many.

(component
  (core module $m
    (memory (export "memory") 1)
    (global $end (mut i32) (i32.const 1024))
    (func (export "realloc") (param $old i32) (param $size i32) (param $align i32) (param $new i32) (result i32) (local $at i32)
      (local.set $at (i32.and (i32.add (global.get $end) (i32.const 7)) (i32.const -8)))
      (global.set $end (i32.add (local.get $at) (local.get $new)))
      (local.get $at))
    (func (export "sixteen") (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i64) (result i64)
      (i64.add (i64.extend_i32_u (i32.add (local.get 0) (local.get 14))) (local.get 15)))
    ;; Seventeen u8 and a u64 after them, in memory.
    (func (export "eighteen") (param i32) (result i64)
      (i64.add
        (i64.extend_i32_u (i32.add (i32.load8_u (local.get 0)) (i32.load8_u offset=16 (local.get 0))))
        (i64.load offset=24 (local.get 0))))
    (func (export "nothing"))
    (func (export "given") (param i32) (result i32) (local.get 0))
    ;; The second of two texts.
    (func (export "second") (param i32 i32 i32 i32) (result i32)
      (i32.store (i32.const 0) (local.get 2))
      (i32.store (i32.const 4) (local.get 3))
      (i32.const 0))
    ;; Nine texts are eighteen values.
    (func (export "ninth") (param i32) (result i32) (i32.add (local.get 0) (i32.const 64))))
  (core instance $i (instantiate $m))
  (func (export "nothing") (canon lift (core func $i "nothing")))
  (func (export "sixteen")
    (param "a" u32) (param "b" u32) (param "c" u32) (param "d" u32) (param "e" u32) (param "f" u32) (param "g" u32) (param "h" u32)
    (param "i" u32) (param "j" u32) (param "k" u32) (param "l" u32) (param "m" u32) (param "n" u32) (param "o" u32) (param "p" u64)
    (result u64)
    (canon lift (core func $i "sixteen")))
  (func (export "eighteen")
    (param "a" u8) (param "b" u8) (param "c" u8) (param "d" u8) (param "e" u8) (param "f" u8) (param "g" u8) (param "h" u8) (param "i" u8)
    (param "j" u8) (param "k" u8) (param "l" u8) (param "m" u8) (param "n" u8) (param "o" u8) (param "p" u8) (param "q" u8) (param "r" u64)
    (result u64)
    (canon lift (core func $i "eighteen") (memory (core memory $i "memory")) (realloc (core func $i "realloc"))))
  (func (export "seventeen") (param "x" (tuple u8 u8 u8 u8 u8 u8 u8 u8 u8 u8 u8 u8 u8 u8 u8 u8 u64))
    (result (tuple u8 u8 u8 u8 u8 u8 u8 u8 u8 u8 u8 u8 u8 u8 u8 u8 u64))
    (canon lift (core func $i "given") (memory (core memory $i "memory")) (realloc (core func $i "realloc"))))
  (func (export "second") (param "a" string) (param "b" string) (result string)
    (canon lift (core func $i "second") (memory (core memory $i "memory")) (realloc (core func $i "realloc"))))
  (func (export "ninth")
    (param "a" string) (param "b" string) (param "c" string) (param "d" string) (param "e" string) (param "f" string) (param "g" string)
    (param "h" string) (param "i" string) (result string)
    (canon lift (core func $i "ninth") (memory (core memory $i "memory")) (realloc (core func $i "realloc")))))

(assert_return (invoke "nothing"))
(assert_return
  (invoke "sixteen"
    (u32.const 1) (u32.const 0) (u32.const 0) (u32.const 0) (u32.const 0) (u32.const 0) (u32.const 0) (u32.const 0)
    (u32.const 0) (u32.const 0) (u32.const 0) (u32.const 0) (u32.const 0) (u32.const 0) (u32.const 20) (u64.const 0x100000000))
  (u64.const 0x100000015))
(assert_return
  (invoke "eighteen"
    (u8.const 1) (u8.const 0) (u8.const 0) (u8.const 0) (u8.const 0) (u8.const 0) (u8.const 0) (u8.const 0) (u8.const 0)
    (u8.const 0) (u8.const 0) (u8.const 0) (u8.const 0) (u8.const 0) (u8.const 0) (u8.const 0) (u8.const 255) (u64.const 0x100000000))
  (u64.const 0x100000100))
(assert_return
  (invoke "seventeen" (tuple.const
    (u8.const 1) (u8.const 2) (u8.const 3) (u8.const 4) (u8.const 5) (u8.const 6) (u8.const 7) (u8.const 8)
    (u8.const 9) (u8.const 10) (u8.const 11) (u8.const 12) (u8.const 13) (u8.const 14) (u8.const 15) (u8.const 16) (u64.const 17)))
  (tuple.const
    (u8.const 1) (u8.const 2) (u8.const 3) (u8.const 4) (u8.const 5) (u8.const 6) (u8.const 7) (u8.const 8)
    (u8.const 9) (u8.const 10) (u8.const 11) (u8.const 12) (u8.const 13) (u8.const 14) (u8.const 15) (u8.const 16) (u64.const 17)))
(assert_return (invoke "second" (str.const "first") (str.const "sécond")) (str.const "sécond"))
(assert_return
  (invoke "ninth"
    (str.const "1") (str.const "2") (str.const "3") (str.const "4") (str.const "5") (str.const "6") (str.const "7") (str.const "8") (str.const "níne"))
  (str.const "níne"))

;; A realloc that gives what is no place for the arguments.
(component definition $reallocs
  (core module $m
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.load (i32.const 0)))
    (func (export "set") (param i32) (i32.store (i32.const 0) (local.get 0)))
    (func (export "take") (param i32 i32))
    (func (export "trap") (param i32 i32 i32 i32) (result i32) unreachable))
  (core instance $i (instantiate $m))
  (func (export "set") (param "at" u32) (canon lift (core func $i "set")))
  (func (export "bytes") (param "x" (list u8))
    (canon lift (core func $i "take") (memory (core memory $i "memory")) (realloc (core func $i "realloc"))))
  (func (export "numbers") (param "x" (list u32))
    (canon lift (core func $i "take") (memory (core memory $i "memory")) (realloc (core func $i "realloc"))))
  (func (export "trapping") (param "x" string)
    (canon lift (core func $i "take") (memory (core memory $i "memory")) (realloc (core func $i "trap")))))

(component instance $i $reallocs)
(assert_return (invoke "set" (u32.const 65535)))
(assert_return (invoke "bytes" (list.const (u8.const 1))))
(assert_trap (invoke "bytes" (list.const (u8.const 1) (u8.const 2))) "realloc return: beyond end of memory")
(component instance $i $reallocs)
(invoke "set" (u32.const 6))
(assert_trap (invoke "numbers" (list.const (u32.const 1))) "realloc return: result not aligned")
(component instance $i $reallocs)
(assert_trap (invoke "trapping" (str.const "x")) "wasm `unreachable` instruction executed")
