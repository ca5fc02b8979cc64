;; How scripts name components, their definitions and their instances, and what a trap leaves behind.

(component
  (core module $m (func (export "f") (result i32) (i32.const 1)))
  (core instance $i (instantiate $m))
  (func (export "f") (result u32) (canon lift (core func $i "f"))))
(assert_return (invoke "f") (u32.const 1))

(component $named
  (core module $m (func (export "f") (result i32) (i32.const 2)))
  (core instance $i (instantiate $m))
  (func (export "f") (result u32) (canon lift (core func $i "f"))))
(component (core module (func)))
(assert_return (invoke $named "f") (u32.const 2))

;; A definition may have several instances, each with a state of its own.
(component definition $Counter
  (core module $m
    (global $n (mut i32) (i32.const 0))
    (func (export "next") (result i32) (global.set $n (i32.add (global.get $n) (i32.const 1))) (global.get $n))
    (func (export "trap") unreachable))
  (core instance $i (instantiate $m))
  (func (export "next") (result u32) (canon lift (core func $i "next")))
  (func (export "trap") (canon lift (core func $i "trap"))))
(component instance $a $Counter)
(component instance $b $Counter)
(assert_return (invoke $a "next") (u32.const 1))
(assert_return (invoke $a "next") (u32.const 2))
(assert_return (invoke $b "next") (u32.const 1))
(assert_return (invoke "next") (u32.const 2))

;; After a trap an instance cannot be entered, others can.
(assert_trap (invoke $a "trap") "wasm `unreachable` instruction executed")
(assert_trap (invoke $a "next") "cannot enter component instance")
(assert_return (invoke $b "next") (u32.const 3))
(component instance $a $Counter)
(assert_return (invoke $a "next") (u32.const 1))

;; From bytes, and from quoted text.
(component binary "\00asm" "\0d\00\01\00")
(component $empty binary "\00asm" "\0d\00\01\00")
(component quote "(core module $m (func (export \"f\") (param i32) (result i32) (local.get 0)))"
  "(core instance $i (instantiate $m))"
  "(func (export \"f\") (param \"x\" s8) (result s8) (canon lift (core func $i \"f\")))")
(assert_return (invoke "f" (s8.const -1)) (s8.const -1))

;; Modules and components side by side.
(module $core (func (export "f") (result i32) (i32.const 5)))
(assert_return (invoke "f") (i32.const 5))
(component
  (component $inner
    (core module $m (func (export "f") (result i32) (i32.const 6)))
    (core instance $i (instantiate $m))
    (func (export "f") (result u32) (canon lift (core func $i "f"))))
  (instance $i (instantiate $inner))
  (export "test:nested/functions@1.2.3" (instance $i))
  (func (export "f") (alias export $i "f")))
(assert_return (invoke "f") (u32.const 6))
;; A function of an interface.
(assert_return (invoke "test:nested/functions@1.2.3#f") (u32.const 6))
(assert_return (invoke $core "f") (i32.const 5))

;; A component whose start traps has no instance.
(assert_trap
  (component
    (core module $m (func $start unreachable) (start $start))
    (core instance (instantiate $m)))
  "wasm `unreachable` instruction executed")
(assert_trap
  (component
    (core module $m (memory 1) (data (i32.const 65536) "x"))
    (core instance (instantiate $m)))
  "out of bounds memory access")
;; A stack that is full.
(component
  (core module $m (func $f (export "f") (result i32) (i32.add (call $f) (i32.const 1))))
  (core instance $i (instantiate $m))
  (func (export "f") (result u32) (canon lift (core func $i "f"))))
(assert_exhaustion (invoke "f") "call stack exhausted")

;; What a function still does with its result after it was taken.
(component
  (core module $m
    (memory (export "memory") 1)
    (global $n (mut i32) (i32.const 0))
    (func (export "text") (result i32)
      (i32.store (i32.const 0) (i32.const 16))
      (i32.store (i32.const 4) (i32.const 4))
      (i32.const 0))
    (func (export "after") (param i32) (global.set $n (i32.add (global.get $n) (i32.const 1))) (i32.store (i32.const 16) (i32.const 0)))
    (func (export "failing") (param i32) unreachable)
    (func (export "count") (result i32) (global.get $n))
    (data (i32.const 16) "text"))
  (core instance $i (instantiate $m))
  (func (export "text") (result string)
    (canon lift (core func $i "text") (memory (core memory $i "memory")) (post-return (core func $i "after"))))
  (func (export "failing") (result string)
    (canon lift (core func $i "text") (memory (core memory $i "memory")) (post-return (core func $i "failing"))))
  (func (export "count") (result u32) (canon lift (core func $i "count"))))
(assert_return (invoke "text") (str.const "text"))
(assert_return (invoke "text") (str.const "\00\00\00\00"))
(assert_return (invoke "count") (u32.const 2))
(assert_trap (invoke "failing") "wasm `unreachable` instruction executed")
