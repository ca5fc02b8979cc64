;; What a component may ask of its host: an interface with a function, a resource, and a result that may be an error.
(component
  (import "example:host/notes@0.2.0" (instance $notes
    (export "note" (type $note (sub resource)))
    (export "[constructor]note" (func (param "title" string) (result (own $note))))
    (export "[method]note.append" (func (param "self" (borrow $note)) (param "line" string) (result (result u32 (error string)))))))
  (alias export $notes "note" (type $note))
  (core module $memory
    (memory (export "memory") 1)
    (data (i32.const 0) "shopping") (data (i32.const 8) "bread") (data (i32.const 13) "forbidden")
    (func (export "allocate") (param i32 i32 i32 i32) (result i32) (i32.const 256)))
  (core instance $memory (instantiate $memory))
  (core func $make (canon lower (func $notes "[constructor]note") (memory (core memory $memory "memory"))))
  (core func $append (canon lower (func $notes "[method]note.append")
    (memory (core memory $memory "memory")) (realloc (core func $memory "allocate"))))
  (core func $drop (canon resource.drop $note))
  (core module $code
    (import "notes" "make" (func $make (param i32 i32) (result i32)))
    (import "notes" "append" (func $append (param i32 i32 i32 i32)))
    (import "notes" "drop" (func $drop (param i32)))
    (import "memory" "memory" (memory 1))
    ;; How many lines were taken: a result is a byte that tells which of both it is, and what it carries.
    (func $taken (param $note i32) (param $line i32) (param $length i32) (result i32)
      (call $append (local.get $note) (local.get $line) (local.get $length) (i32.const 128))
      (i32.eqz (i32.load8_u (i32.const 128))))
    (func (export "run") (result i32) (local $note i32) (local $count i32)
      (local.set $note (call $make (i32.const 0) (i32.const 8)))
      (local.set $count (i32.add (call $taken (local.get $note) (i32.const 8) (i32.const 5)) (call $taken (local.get $note) (i32.const 13) (i32.const 9))))
      (call $drop (local.get $note))
      (local.get $count)))
  (core instance $code (instantiate $code
    (with "notes" (instance (export "make" (func $make)) (export "append" (func $append)) (export "drop" (func $drop))))
    (with "memory" (instance $memory))))
  (func (export "run") (result u32) (canon lift (core func $code "run"))))
