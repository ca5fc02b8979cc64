(module
  (import "host" "check" (func $check (param i32)))
  (import "host" "too_long" (tag $too_long (param i32)))
  (tag $syntax_error (export "syntax_error") (param i32 f64))

  (func $parse (export "parse") (param $line i32)
    (throw $syntax_error (local.get $line) (f64.const 0.5)))

  ;; The length, or what the exception carries less 10
  (func (export "shorten") (param $length i32) (result i32)
    (block $caught (result i32)
      (try_table (catch $too_long $caught)
        (call $check (local.get $length)))
      (return (local.get $length)))
    (i32.sub (i32.const 10))))
