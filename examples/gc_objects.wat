(module
  (type $point (struct (field $x (mut i32)) (field $y (mut i32))))
  (type $bytes (array (mut i8)))

  (func (export "make_point") (param $x i32) (param $y i32) (result (ref $point))
    (struct.new $point (local.get $x) (local.get $y)))

  (func (export "length") (param $point (ref $point)) (result f64)
    (f64.sqrt (f64.convert_i32_s (i32.add
      (i32.mul (struct.get $point $x (local.get $point)) (struct.get $point $x (local.get $point)))
      (i32.mul (struct.get $point $y (local.get $point)) (struct.get $point $y (local.get $point)))))))

  (func (export "double") (param $bytes (ref $bytes))
    (local $index i32)
    (loop $next
      (if (i32.lt_u (local.get $index) (array.len (local.get $bytes)))
        (then
          (array.set $bytes (local.get $bytes) (local.get $index)
            (i32.mul (i32.const 2) (array.get_u $bytes (local.get $bytes) (local.get $index))))
          (local.set $index (i32.add (local.get $index) (i32.const 1)))
          (br $next)))))

  ;; 0 for null, 1 for a number, 2 for a point, 3 for anything else
  (func (export "kind") (param $value anyref) (result i32)
    (if (ref.is_null (local.get $value)) (then (return (i32.const 0))))
    (if (ref.test (ref i31) (local.get $value)) (then (return (i32.const 1))))
    (if (ref.test (ref $point) (local.get $value)) (then (return (i32.const 2))))
    (i32.const 3)))
