(module
  (memory (export "memory") 1)
  (func (export "increment") (param $by i32)
    (i32.store (i32.const 0)
      (i32.add (i32.load (i32.const 0)) (local.get $by)))))
