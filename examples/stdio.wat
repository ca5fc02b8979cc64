;; Copies standard input to standard output, lower case letters made upper case, and writes a dot to standard error for each piece.
(module
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  ;; 0: where the buffer begins, 4: how long it is, 8: how many bytes were read or written, 64: the buffer
  (func $upcase (param $from i32) (param $to i32)
    (local $byte i32)
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $from) (local.get $to)))
        (local.set $byte (i32.load8_u (local.get $from)))
        (if (i32.lt_u (i32.sub (local.get $byte) (i32.const 97)) (i32.const 26))
          (then (i32.store8 (local.get $from) (i32.sub (local.get $byte) (i32.const 32)))))
        (local.set $from (i32.add (local.get $from) (i32.const 1)))
        (br $next))))
  (func (export "_start")
    (block $end
      (loop $more
        (i32.store (i32.const 0) (i32.const 64))
        (i32.store (i32.const 4) (i32.const 1024))
        (br_if $end (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
        (br_if $end (i32.eqz (i32.load (i32.const 8))))
        (call $upcase (i32.const 64) (i32.add (i32.const 64) (i32.load (i32.const 8))))
        (i32.store (i32.const 4) (i32.load (i32.const 8)))
        (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
        ;; One dot on standard error for each piece.
        (i32.store8 (i32.const 2000) (i32.const 46))
        (i32.store (i32.const 0) (i32.const 2000))
        (i32.store (i32.const 4) (i32.const 1))
        (drop (call $fd_write (i32.const 2) (i32.const 0) (i32.const 1) (i32.const 8)))
        (br $more)))))
