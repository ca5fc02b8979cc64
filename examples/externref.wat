(module
  (import "env" "show" (func $show (param externref)))
  (table $table (export "table") 3 externref)

  (func (export "identity") (param externref) (result externref)
    (local.get 0))
  (func (export "keep") (param externref)
    (table.set $table (i32.const 0) (local.get 0)))
  (func (export "show_kept")
    (call $show (table.get $table (i32.const 0))))
  (func (export "null") (result externref)
    (ref.null extern)))
