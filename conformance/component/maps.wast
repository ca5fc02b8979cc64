;;! component_model_map = true

;; Maps: keys of several types, values in other values, and maps a guest gives that are none.

(component
  (core module $m
    (memory (export "memory") 1)
    (global $end (mut i32) (i32.const 64))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (local $at i32)
      (local.set $at (i32.and (i32.add (global.get $end) (i32.const 7)) (i32.const -8)))
      (global.set $end (i32.add (local.get $at) (local.get 3)))
      (local.get $at))
    (func (export "same") (param i32 i32) (result i32)
      (i32.store (i32.const 0) (local.get 0))
      (i32.store (i32.const 4) (local.get 1))
      (i32.const 0))
    (func (export "size") (param i32 i32) (result i32) (local.get 1)))
  (core instance $i (instantiate $m))
  (alias core export $i "memory" (core memory $memory))
  (alias core export $i "realloc" (core func $realloc))
  (alias core export $i "same" (core func $same))
  (func (export "texts") (param "x" (map string u32)) (result (map string u32))
    (canon lift (core func $same) (memory (core memory $memory)) (realloc (core func $realloc))))
  (func (export "numbers") (param "x" (map u64 string)) (result (map u64 string))
    (canon lift (core func $same) (memory (core memory $memory)) (realloc (core func $realloc))))
  (func (export "letters") (param "x" (map char (list u8))) (result (map char (list u8)))
    (canon lift (core func $same) (memory (core memory $memory)) (realloc (core func $realloc))))
  (func (export "bools") (param "x" (map bool (map s8 (option f32)))) (result (map bool (map s8 (option f32))))
    (canon lift (core func $same) (memory (core memory $memory)) (realloc (core func $realloc))))
  (func (export "size") (param "x" (map string u32)) (result u32)
    (canon lift (core func $i "size") (memory (core memory $memory)) (realloc (core func $realloc)))))

(assert_return (invoke "texts" (map.const)) (map.const))
(assert_return (invoke "texts" (map.const (entry (str.const "ä") (u32.const 1)) (entry (str.const "") (u32.const 4294967295))))
  (map.const (entry (str.const "ä") (u32.const 1)) (entry (str.const "") (u32.const 4294967295))))
(assert_return (invoke "numbers" (map.const (entry (u64.const 18446744073709551615) (str.const "most"))))
  (map.const (entry (u64.const 18446744073709551615) (str.const "most"))))
(assert_return (invoke "letters" (map.const (entry (char.const "😀") (list.const (u8.const 1))) (entry (char.const "a") (list.const))))
  (map.const (entry (char.const "😀") (list.const (u8.const 1))) (entry (char.const "a") (list.const))))
(assert_return
  (invoke "bools" (map.const
    (entry (bool.const true) (map.const (entry (s8.const -1) (option.none)) (entry (s8.const 2) (option.some (f32.const 1.5)))))
    (entry (bool.const false) (map.const))))
  (map.const
    (entry (bool.const true) (map.const (entry (s8.const -1) (option.none)) (entry (s8.const 2) (option.some (f32.const 1.5)))))
    (entry (bool.const false) (map.const))))
(assert_return (invoke "size" (map.const (entry (str.const "a") (u32.const 1)) (entry (str.const "b") (u32.const 1)))) (u32.const 2))

(component definition $wrong
  (core module $m
    (memory (export "memory") 1)
    (func (export "map") (param i32 i32) (result i32)
      (i32.store (i32.const 0) (local.get 0))
      (i32.store (i32.const 4) (local.get 1))
      (i32.const 0))
    (data (i32.const 16) "a\00\00\00\07\00\00\00\00\d8\00\00"))
  (core instance $i (instantiate $m))
  (func (export "map") (param "at" u32) (param "length" u32) (result (map char u32))
    (canon lift (core func $i "map") (memory (core memory $i "memory")))))

(component instance $i $wrong)
(assert_return (invoke "map" (u32.const 16) (u32.const 1)) (map.const (entry (char.const "a") (u32.const 7))))
(assert_trap (invoke "map" (u32.const 16) (u32.const 2)) "converted integer out of range for `char`")
(component instance $i $wrong)
(assert_trap (invoke "map" (u32.const 18) (u32.const 1)) "map pointer is not aligned")
(component instance $i $wrong)
(assert_trap (invoke "map" (u32.const 65532) (u32.const 1)) "map pointer/length out of bounds of memory")
