(module
  (memory (export "memory") 1)
  (data (i32.const 16) "Hello, m\c3\a9mory")

  ;; The simplest allocator: a pointer that only goes up; freeing the last block takes it back.
  (global $top (mut i32) (i32.const 1024))
  (func (export "malloc") (param $size i32) (result i32)
    (global.get $top)
    (global.set $top (i32.add (global.get $top) (local.get $size))))
  (func (export "free") (param $pointer i32)
    (global.set $top (local.get $pointer)))

  (func (export "sum") (param $pointer i32) (param $count i32) (result i32)
    (local $total i32)
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $count)))
        (local.set $total (i32.add (local.get $total) (i32.load (local.get $pointer))))
        (local.set $pointer (i32.add (local.get $pointer) (i32.const 4)))
        (local.set $count (i32.sub (local.get $count) (i32.const 1)))
        (br $next)))
    (local.get $total)))
