# frozen_string_literal: true

# A component that exports functions, interfaces of several versions, instances within instances and a core module.
module ShapeGuests
  INTERFACE = "test:guest/shapes@1.2.0"
  # The difference of two numbers, nothing, an endless loop, and parameters with the names of options.
  GUEST = <<~WAT.freeze
    (component
      (core module $code
        (func (export "distance") (param i32 i32) (result i32) (i32.sub (local.get 1) (local.get 0)))
        (func (export "nothing"))
        (func (export "forever") (loop $again (br $again)))
        (func (export "trap") unreachable)
        (func (export "wait") (param i32 i32) (result i32) (local.get 0)))
      (core instance $i (instantiate $code))
      (type $distance (func (param "from-x" s32) (param "to-x" s32) (result s32)))
      (func $distance (type $distance) (canon lift (core func $i "distance")))
      (func $nothing (canon lift (core func $i "nothing")))
      (instance $functions (export "get-distance" (func $distance)) (export "nothing" (func $nothing)))
      (instance $outer (export "inner" (instance $functions)))
      (export "#{INTERFACE}" (instance $functions))
      (export "test:guest/my-many@1.0.0" (instance $functions))
      (export "test:guest/my-many@2.0.0" (instance $functions))
      (export "outer" (instance $outer))
      (export "code" (core module $code))
      (export "get-distance" (func $distance))
      (export "nothing" (func $nothing))
      (func (export "forever") (canon lift (core func $i "forever")))
      (func (export "trap") (canon lift (core func $i "trap")))
      (func (export "wait") (param "timeout" s32) (param "gvl" s32) (result s32) (canon lift (core func $i "wait"))))
  WAT

  class << self
    # The component, compiled once.
    def component
      @component ||= Wasmtime::Component::Component.new(GUEST)
    end

    # An instance of it, in a store of its own.
    def instance(store = Wasmtime::Store.new)
      Wasmtime::Component::Linker.new.instantiate(store, component)
    end
  end
end
