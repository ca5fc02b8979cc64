;; Components that no validator accepts.

;; Names and indices.
(assert_invalid
  (component (export "f" (func 0)))
  "unknown function 0: function index out of bounds")
(assert_invalid
  (component (type (list 3)))
  "unknown type 3: type index out of bounds")
(assert_invalid
  (component (instance (instantiate 0)))
  "unknown component 0: component index out of bounds")
(assert_invalid
  (component (core module $m) (core instance $i (instantiate $m)) (alias core export $i "f" (core func)))
  "core instance 0 has no export named `f`")
(assert_invalid
  (component (import "f" (func)) (import "f" (func)))
  "import name `f` conflicts with previous name `f`")
(assert_invalid
  (component (import "f" (func $f)) (export "g" (func $f)) (export "g" (func $f)))
  "export name `g` conflicts with previous name `g`")
(assert_invalid
  (component (import "Not_Kebab" (func)))
  "`Not_Kebab` is not in kebab case")
(assert_invalid
  (component (import "wasi:http" (func)))
  "expected `/` after package name")

;; Types.
(assert_invalid
  (component (type (record)))
  "record type must have at least one field")
(assert_invalid
  (component (type (record (field "a" u8) (field "A" u8))))
  "record field name `A` conflicts with previous field name `a`")
(assert_invalid
  (component (type (variant)))
  "variant type must have at least one case")
(assert_invalid
  (component (type (variant (case "a") (case "a"))))
  "variant case name `a` conflicts with previous case name `a`")
(assert_invalid
  (component (type (enum)))
  "enum type must have at least one variant")
(assert_invalid
  (component (type (enum "a" "a")))
  "enum tag name `a` conflicts with previous tag name `a`")
(assert_invalid
  (component (type (tuple)))
  "tuple type must have at least one type")
(assert_invalid
  (component (type (func (param "a" u8) (param "a" u8))))
  "function parameter name `a` conflicts with previous parameter name `a`")
(assert_invalid
  (component (type $r (resource (rep i32))) (type (func (result (borrow $r)))))
  "function result cannot contain a `borrow` type")
;; A record has to have a name where it is used.
(assert_invalid
  (component (type $r (record (field "a" u8))) (import "f" (func (param "x" $r))))
  "func not valid to be used as import")

;; Functions that do not fit what they are to be.
(assert_invalid
  (component
    (core module $m (func (export "f") (param i32)))
    (core instance $i (instantiate $m))
    (func (export "f") (param "x" u64) (canon lift (core func $i "f"))))
  "lowered parameter types `[I64]` do not match parameter types `[I32]` of core function")
(assert_invalid
  (component
    (core module $m (func (export "f") (result i32) (i32.const 0)))
    (core instance $i (instantiate $m))
    (func (export "f") (result f32) (canon lift (core func $i "f"))))
  "lowered result types `[F32]` do not match result types `[I32]` of core function")
(assert_invalid
  (component
    (core module $m (func (export "f") (param i32 i32)))
    (core instance $i (instantiate $m))
    (func (export "f") (param "x" string) (canon lift (core func $i "f"))))
  "canonical option `memory` is required")
(assert_invalid
  (component
    (core module $m (memory (export "memory") 1) (func (export "f") (param i32 i32)))
    (core instance $i (instantiate $m))
    (func (export "f") (param "x" string) (canon lift (core func $i "f") (memory (core memory $i "memory")))))
  "canonical option `realloc` is required")
(assert_invalid
  (component
    (core module $m (memory (export "memory") 1) (func (export "f") (param i32 i32)) (func (export "realloc")))
    (core instance $i (instantiate $m))
    (func (export "f") (param "x" string)
      (canon lift (core func $i "f") (memory (core memory $i "memory")) (realloc (core func $i "realloc")))))
  "canonical option `realloc` uses a core function with an incorrect signature")
(assert_invalid
  (component
    (core module $m (func (export "f") (result i32) (i32.const 0)) (func (export "done")))
    (core instance $i (instantiate $m))
    (func (export "f") (result u32) (canon lift (core func $i "f") (post-return (core func $i "done")))))
  "canonical option `post-return` uses a core function with an incorrect signature")
(assert_invalid
  (component
    (import "f" (func $f (result string)))
    (core func (canon lower (func $f))))
  "canonical option `memory` is required")

;; Instances without what they need.
(assert_invalid
  (component
    (component $c (import "f" (func)))
    (instance (instantiate $c)))
  "missing import named `f`")
(assert_invalid
  (component
    (import "f" (func $f (param "x" u8)))
    (component $c (import "f" (func (param "x" u16))))
    (instance (instantiate $c (with "f" (func $f)))))
  "expected primitive `u16` found primitive `u8`")
(assert_invalid
  (component
    (core module $m (import "" "f" (func)))
    (core instance (instantiate $m)))
  "missing module instantiation argument named ``")
;; A module that is invalid makes the component so.
(assert_invalid
  (component (core module (func (result i32))))
  "type mismatch")
