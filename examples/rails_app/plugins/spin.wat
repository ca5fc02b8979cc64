;; A plugin that never comes to an end: its time limit ends it.
(module
  (memory (export "memory") 1)
  (func (export "allocate") (param i32) (result i32) (i32.const 1024))
  (func (export "free") (param i32 i32))
  (func (export "spin") (param i32 i32) (result i64)
    (loop $forever (br $forever))
    unreachable))
