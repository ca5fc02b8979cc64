(module
  (import "counter" "memory" (memory 1))
  (import "counter" "increment" (func $increment (param i32)))
  (import "host" "print" (func $print (param i32)))

  (func (export "run")
    (call $increment (i32.const 40))
    (call $increment (i32.const 2))
    (call $print (i32.load (i32.const 0)))))
