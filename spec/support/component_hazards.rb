# frozen_string_literal: true

# A component for what can go wrong around a call: it loops, recurses, traps, sleeps in a host block and holds resources.
module ComponentHazards
  GUEST = <<~WAT
    (component
      (import "host" (func $host (param "x" u32) (result u32)))
      (import "take" (func $take (param "text" string)))
      (core module $memory
        (memory (export "memory") 2)
        (global $free (mut i32) (i32.const 1024))
        (func (export "realloc") (param i32 i32 i32) (param $size i32) (result i32) (local $at i32)
          (local.set $at (i32.and (i32.add (global.get $free) (i32.const 7)) (i32.const -8)))
          (global.set $free (i32.add (local.get $at) (local.get $size)))
          (if (i32.gt_u (global.get $free) (i32.const 130000)) (then (global.set $free (i32.const 1024))))
          (local.get $at)))
      (core instance $mem (instantiate $memory))
      (alias core export $mem "memory" (core memory $memory'))
      (alias core export $mem "realloc" (core func $realloc))
      (core func $host' (canon lower (func $host)))
      (core func $take' (canon lower (func $take) (memory $memory') (realloc (core func $realloc))))
      (core module $code
        (import "m" "memory" (memory 1))
        (import "h" "host" (func $host (param i32) (result i32)))
        (import "h" "take" (func $take (param i32 i32)))
        (func (export "ok") (result i32) (i32.const 1))
        (func (export "loop") (loop $again (br $again)))
        (func $deep (export "deep") (param i32) (result i32) (i32.add (i32.const 1) (call $deep (i32.add (local.get 0) (i32.const 1)))))
        (func (export "trap") unreachable)
        (func (export "call") (param i32) (result i32) (call $host (local.get 0)))
        (func (export "calls") (param $count i32) (result i32) (local $sum i32)
          (loop $again
            (local.set $sum (i32.add (local.get $sum) (call $host (local.get $count))))
            (br_if $again (local.tee $count (i32.sub (local.get $count) (i32.const 1)))))
          (local.get $sum))
        (func (export "echo") (param i32 i32) (result i32)
          (call $take (local.get 0) (local.get 1))
          (i32.store (i32.const 8) (local.get 0)) (i32.store (i32.const 12) (local.get 1)) (i32.const 8)))
      (core instance $i (instantiate $code (with "m" (instance $mem)) (with "h" (instance (export "host" (func $host')) (export "take" (func $take'))))))
      (func (export "ok") (result u32) (canon lift (core func $i "ok")))
      (func (export "loop") (canon lift (core func $i "loop")))
      (func (export "deep") (param "n" u32) (result u32) (canon lift (core func $i "deep")))
      (func (export "trap") (canon lift (core func $i "trap")))
      (func (export "call") (param "x" u32) (result u32) (canon lift (core func $i "call")))
      (func (export "calls") (param "count" u32) (result u32) (canon lift (core func $i "calls")))
      (func (export "echo") (param "text" string) (result string)
        (canon lift (core func $i "echo") (memory $memory') (realloc (core func $realloc)))))
  WAT

  # Put before the code of a subprocess.
  PRELUDE = <<~RUBY.freeze
    GUEST = Wasmtime::Component::Component.new(#{GUEST.dump})
    # An instance whose host function is the block.
    def component(store = Wasmtime::Store.new, take: ->(_text) {}, &host)
      linker = Wasmtime::Component::Linker.new
      linker.root { |root| root.func_new("host", &(host || ->(x) { x })).func_new("take", &take) }
      linker.instantiate(store, GUEST)
    end
  RUBY

  # What the code printed, in a process of its own, in lines.
  def with_components(code, **options)
    apart("#{PRELUDE}\n#{code}", **options).lines(chomp: true)
  end
end

RSpec.configure { |config| config.include(ComponentHazards, file_path: %r{spec/hazards/}) }
