;; What a component imports of the host's: functions at the root, in an interface and in one within it, a module, and values both ways.

(component
  (import "host-return-two" (func $two (result u32)))
  (import "host-echo-u32" (func $echo (param "v" u32) (result u32)))
  (import "host" (instance $host
    (export "return-three" (func (result u32)))
    (export "return-hi" (func (result string)))
    (export "nested" (instance (export "return-four" (func (result u32)))))
    (export "simple-module" (core module
      (export "g" (global i32))
      (export "f" (func (result i32)))))))
  (alias export $host "nested" (instance $nested))
  (alias export $host "simple-module" (core module $simple))
  (core instance $simple (instantiate $simple))
  (core module $libc
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 64)))
  (core instance $libc (instantiate $libc))
  (core func $two (canon lower (func $two)))
  (core func $echo (canon lower (func $echo)))
  (core func $three (canon lower (func $host "return-three")))
  (core func $four (canon lower (func $nested "return-four")))
  (core func $hi (canon lower (func $host "return-hi") (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
  (core module $m
    (import "" "two" (func $two (result i32)))
    (import "" "echo" (func $echo (param i32) (result i32)))
    (import "" "three" (func $three (result i32)))
    (import "" "four" (func $four (result i32)))
    (import "" "hi" (func $hi (param i32)))
    (import "simple" "f" (func $f (result i32)))
    (import "simple" "g" (global $g i32))
    (func (export "two") (result i32) (call $two))
    (func (export "echo") (param i32) (result i32) (call $echo (local.get 0)))
    (func (export "seven") (result i32) (i32.add (call $three) (call $four)))
    (func (export "hi") (result i32) (call $hi (i32.const 16)) (i32.const 16))
    (func (export "hi-at") (param i32) (call $hi (local.get 0)))
    (func (export "module") (result i32) (i32.add (call $f) (global.get $g))))
  (core instance $i (instantiate $m
    (with "" (instance
      (export "two" (func $two)) (export "echo" (func $echo)) (export "three" (func $three)) (export "four" (func $four)) (export "hi" (func $hi))))
    (with "simple" (instance $simple))))
  (func (export "two") (result u32) (canon lift (core func $i "two")))
  (func (export "echo") (param "v" u32) (result u32) (canon lift (core func $i "echo")))
  (func (export "seven") (result u32) (canon lift (core func $i "seven")))
  (func (export "hi") (result string) (canon lift (core func $i "hi") (memory (core memory $libc "memory"))))
  (func (export "hi-at") (param "at" u32) (canon lift (core func $i "hi-at")))
  (func (export "module") (result u32) (canon lift (core func $i "module"))))

(assert_return (invoke "two") (u32.const 2))
(assert_return (invoke "echo" (u32.const 4294967295)) (u32.const 4294967295))
(assert_return (invoke "seven") (u32.const 7))
(assert_return (invoke "hi") (str.const "hi"))
(assert_return (invoke "module") (u32.const 201))
(assert_return (invoke "hi-at" (u32.const 65528)))
;; Where a result of the host's may not be written to.
(assert_trap (invoke "hi-at" (u32.const 65532)) "pointer out of bounds")

(component
  (import "host" (instance $host (export "return-hi" (func (result string)))))
  (core module $libc
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 65535)))
  (core instance $libc (instantiate $libc))
  (core func $hi (canon lower (func $host "return-hi") (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
  (core module $m
    (import "" "hi" (func $hi (param i32)))
    (func (export "hi-at") (param i32) (call $hi (local.get 0))))
  (core instance $i (instantiate $m (with "" (instance (export "hi" (func $hi))))))
  (func (export "hi-at") (param "at" u32) (canon lift (core func $i "hi-at"))))
(assert_trap (invoke "hi-at" (u32.const 18)) "pointer not aligned")

(component
  (import "host" (instance $host (export "return-hi" (func (result string)))))
  (core module $libc
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 65535)))
  (core instance $libc (instantiate $libc))
  (core func $hi (canon lower (func $host "return-hi") (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
  (core module $m
    (import "" "hi" (func $hi (param i32)))
    (func (export "hi") (call $hi (i32.const 16))))
  (core instance $i (instantiate $m (with "" (instance (export "hi" (func $hi))))))
  (func (export "hi") (canon lift (core func $i "hi"))))
(assert_trap (invoke "hi") "realloc return: beyond end of memory")

;; What is not there, and what is something else.
(assert_unlinkable
  (component (import "missing" (func)))
  "missing")
(assert_unlinkable
  (component (import "host" (instance (export "return-five" (func (result u32))))))
  "return-five")
(assert_unlinkable
  (component (import "host" (instance (export "nested" (func)))))
  "nested")
(assert_unlinkable
  (component (import "host-return-two" (instance)))
  "host-return-two")
(assert_unlinkable
  (component (import "host" (instance (export "simple-module" (core module (export "f" (func (result i64))))))))
  "simple-module")
(assert_unlinkable
  (component (import "host" (instance (export "simple-module" (core module (export "h" (func)))))))
  "simple-module")
(assert_unlinkable
  (component (import "host" (instance (export "resource3" (type (sub resource))))))
  "resource3")
