(module
  (import "env" "swapped" (func $swapped (param i32 i64) (result i64 i32)))

  (func (export "call_ruby") (param i32 i64) (result i64 i32)
    (call $swapped (local.get 0) (local.get 1)))

  (func (export "divmod") (param i32 i32) (result i32 i32)
    (i32.div_s (local.get 0) (local.get 1))
    (i32.rem_s (local.get 0) (local.get 1)))

  (func (export "rotate")
    (param i64 i64 i64 i64 i64 i64 i64 i64 i64 i64)
    (result i64 i64 i64 i64 i64 i64 i64 i64 i64 i64)
    (local.get 1) (local.get 2) (local.get 3) (local.get 4) (local.get 5)
    (local.get 6) (local.get 7) (local.get 8) (local.get 9) (local.get 0)))
