;; Flags of every size they are stored in.

(component
  (core module $m
    (memory (export "memory") 1)
    (func (export "one") (param i32) (result i32) (local.get 0))
    ;; tuple<flags of 3, flags of 9, flags of 17>
    (func (export "three") (param i32 i32 i32) (result i32)
      (i32.store8 (i32.const 16) (local.get 0))
      (i32.store16 (i32.const 18) (local.get 1))
      (i32.store (i32.const 20) (local.get 2))
      (i32.const 16))
    (func (export "all") (result i32) (i32.const -1)))
  (core instance $i (instantiate $m))
  (type $three-definition (flags "read" "write" "no-follow"))
  (export $three "three" (type $three-definition))
  (type $nine-definition (flags "a" "b" "c" "d" "e" "f" "g" "h" "i"))
  (export $nine "nine" (type $nine-definition))
  (type $seventeen-definition (flags "a" "b" "c" "d" "e" "f" "g" "h" "i" "j" "k" "l" "m" "n" "o" "p" "q"))
  (export $seventeen "seventeen" (type $seventeen-definition))
  (type $most-definition (flags
    "f0" "f1" "f2" "f3" "f4" "f5" "f6" "f7" "f8" "f9" "f10" "f11" "f12" "f13" "f14" "f15"
    "f16" "f17" "f18" "f19" "f20" "f21" "f22" "f23" "f24" "f25" "f26" "f27" "f28" "f29" "f30" "f31"))
  (export $most "most" (type $most-definition))
  (func (export "same-three") (param "x" $three) (result $three) (canon lift (core func $i "one")))
  (func (export "same-nine") (param "x" $nine) (result $nine) (canon lift (core func $i "one")))
  (func (export "same-seventeen") (param "x" $seventeen) (result $seventeen) (canon lift (core func $i "one")))
  (func (export "same-most") (param "x" $most) (result $most) (canon lift (core func $i "one")))
  (func (export "bits") (param "x" $most) (result u32) (canon lift (core func $i "one")))
  (func (export "three-bits") (param "x" $three) (result u32) (canon lift (core func $i "one")))
  (func (export "all-three") (result $three) (canon lift (core func $i "all")))
  (func (export "in-memory") (param "x" (tuple $three $nine $seventeen)) (result (tuple $three $nine $seventeen))
    (canon lift (core func $i "three") (memory (core memory $i "memory")))))

(assert_return (invoke "same-three" (flags.const)) (flags.const))
(assert_return (invoke "same-three" (flags.const "write")) (flags.const "write"))
(assert_return (invoke "same-three" (flags.const "no-follow" "read")) (flags.const "read" "no-follow"))
(assert_return (invoke "same-nine" (flags.const "a" "i")) (flags.const "a" "i"))
(assert_return (invoke "same-seventeen" (flags.const "a" "q")) (flags.const "a" "q"))
(assert_return (invoke "same-most" (flags.const)) (flags.const))
(assert_return (invoke "same-most" (flags.const "f0" "f15" "f16" "f31")) (flags.const "f0" "f15" "f16" "f31"))
(assert_return (invoke "bits" (flags.const "f0" "f31")) (u32.const 0x80000001))
(assert_return (invoke "three-bits" (flags.const "no-follow")) (u32.const 4))
;; Bits that stand for nothing are left out.
(assert_return (invoke "all-three") (flags.const "read" "write" "no-follow"))
(assert_return
  (invoke "in-memory" (tuple.const (flags.const "write") (flags.const "h" "i") (flags.const "a" "p" "q")))
  (tuple.const (flags.const "write") (flags.const "h" "i") (flags.const "a" "p" "q")))

(assert_invalid
  (component (type (flags))) "flags must have at least one entry")
(assert_invalid
  (component (type (flags "a" "a"))) "flag name `a` conflicts with previous flag name `a`")
(assert_invalid
  (component (type (flags
    "f0" "f1" "f2" "f3" "f4" "f5" "f6" "f7" "f8" "f9" "f10" "f11" "f12" "f13" "f14" "f15" "f16"
    "f17" "f18" "f19" "f20" "f21" "f22" "f23" "f24" "f25" "f26" "f27" "f28" "f29" "f30" "f31" "f32")))
  "cannot have more than 32 flags")
