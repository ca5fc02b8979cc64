(module
  (import "host" "request_number" (func $request_number (result i32)))
  (global $calls (mut i32) (i32.const 0))

  ;; 100 * the number of the request + the calls this instance has seen
  (func (export "handle") (result i32)
    (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
    (i32.add
      (i32.mul (call $request_number) (i32.const 100))
      (global.get $calls))))
