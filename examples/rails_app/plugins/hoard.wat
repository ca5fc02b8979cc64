;; A plugin that takes all the memory there is, and fails when it gets no more.
(module
  (memory (export "memory") 1)
  (func (export "allocate") (param i32) (result i32) (i32.const 1024))
  (func (export "free") (param i32 i32))
  (func (export "hoard") (param i32 i32) (result i64)
    (loop $more
      (memory.fill (i32.mul (i32.sub (memory.size) (i32.const 1)) (i32.const 65536)) (i32.const 1) (i32.const 65536))
      (br_if $more (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
    unreachable))
