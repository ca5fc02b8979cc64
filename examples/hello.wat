(module
  (import "env" "greet" (func $greet))
  (func (export "run")
    call $greet))
