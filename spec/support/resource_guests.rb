# frozen_string_literal: true

# Components with resources of their own, and with resources of the host's.
module ResourceGuests
  # A resource whose objects are numbers, and what became of those that were dropped. Functions and the type are exported as they are, or as the
  # interface {INTERFACE} of an outer component. `keep` holds on to one, `kept` gives it back, and dropping the number -666 traps.
  COUNTERS = <<~WAT
    (component
      (core module $heap
        (memory (export "memory") 2)
        (global $next (mut i32) (i32.const 65536))
        (global $free (mut i32) (i32.const 0))
        (global $drops (export "drops") (mut i32) (i32.const 0))
        (global $last (export "last") (mut i32) (i32.const 0))
        (func (export "allocate") (param $value i32) (result i32) (local $at i32)
          (if (global.get $free)
            (then (local.set $at (global.get $free)) (global.set $free (i32.load (local.get $at))))
            (else
              (local.set $at (global.get $next))
              (global.set $next (i32.add (global.get $next) (i32.const 4)))
              (if (i32.gt_u (global.get $next) (i32.mul (memory.size) (i32.const 65536))) (then (drop (memory.grow (i32.const 1)))))))
          (i32.store (local.get $at) (local.get $value))
          (local.get $at))
        (func (export "destroy") (param $at i32) (local $value i32)
          (local.set $value (i32.load (local.get $at)))
          (global.set $drops (i32.add (global.get $drops) (i32.const 1)))
          (global.set $last (local.get $value))
          (if (i32.eq (local.get $value) (i32.const -666)) (then unreachable))
          (i32.store (local.get $at) (global.get $free))
          (global.set $free (local.get $at))))
      (core instance $heap (instantiate $heap))
      (type $type (resource (rep i32) (dtor (core func $heap "destroy"))))
      (export $counter "counter" (type $type))
      (core func $new (canon resource.new $type))
      (core func $rep (canon resource.rep $type))
      (core func $drop (canon resource.drop $type))
      (core module $glue
        (import "heap" "memory" (memory 1))
        (import "heap" "drops" (global $drops (mut i32)))
        (import "heap" "last" (global $last (mut i32)))
        (import "heap" "allocate" (func $allocate (param i32) (result i32)))
        (import "type" "new" (func $new (param i32) (result i32)))
        (import "type" "rep" (func $rep (param i32) (result i32)))
        (import "type" "drop" (func $drop (param i32)))
        (global $kept (mut i32) (i32.const 0))
        (func $make (export "make") (param $value i32) (result i32) (call $new (call $allocate (local.get $value))))
        ;; A borrow of a type of one's own is its representation, an own is a handle.
        (func $value (export "value") (param $self i32) (result i32) (i32.load (local.get $self)))
        (func (export "add") (param $self i32) (param $n i32) (result i32)
          (i32.store (local.get $self) (i32.add (i32.load (local.get $self)) (local.get $n)))
          (i32.load (local.get $self)))
        (func (export "sum") (param $a i32) (param $b i32) (result i32) (i32.add (call $value (local.get $a)) (call $value (local.get $b))))
        (func (export "merge") (param $a i32) (param $b i32) (result i32) (local $sum i32)
          (local.set $sum (i32.add (call $value (call $rep (local.get $a))) (call $value (call $rep (local.get $b)))))
          (call $drop (local.get $a))
          (call $drop (local.get $b))
          (call $make (local.get $sum)))
        (func (export "keep") (param $a i32) (global.set $kept (local.get $a)))
        (func (export "kept") (result i32) (local $a i32)
          (local.set $a (global.get $kept))
          (global.set $kept (i32.const 0))
          (local.get $a))
        (func (export "fail") (param $self i32) (param $n i32) unreachable)
        (func (export "list") (param $count i32) (result i32) (local $n i32)
          (block $done (loop $more
            (br_if $done (i32.eq (local.get $n) (local.get $count)))
            (i32.store offset=1024 (i32.mul (local.get $n) (i32.const 4)) (call $make (local.get $n)))
            (local.set $n (i32.add (local.get $n) (i32.const 1)))
            (br $more)))
          (i32.store (i32.const 0) (i32.const 1024))
          (i32.store (i32.const 4) (local.get $count))
          (i32.const 0))
        (func (export "drops") (result i32) (global.get $drops))
        (func (export "last") (result i32) (global.get $last)))
      (core instance $glue (instantiate $glue
        (with "heap" (instance $heap))
        (with "type" (instance (export "new" (func $new)) (export "rep" (func $rep)) (export "drop" (func $drop))))))
      (func (export "[constructor]counter") (param "value" s32) (result (own $counter)) (canon lift (core func $glue "make")))
      (func (export "[method]counter.value") (param "self" (borrow $counter)) (result s32) (canon lift (core func $glue "value")))
      (func (export "[method]counter.add-and-get") (param "self" (borrow $counter)) (param "n" s32) (result s32)
        (canon lift (core func $glue "add")))
      (func (export "[method]counter.fail") (param "self" (borrow $counter)) (param "n" s32) (canon lift (core func $glue "fail")))
      (func (export "[static]counter.sum") (param "a" (borrow $counter)) (param "b" (borrow $counter)) (result s32)
        (canon lift (core func $glue "sum")))
      (func (export "[static]counter.merge") (param "a" (own $counter)) (param "b" (own $counter)) (result (own $counter))
        (canon lift (core func $glue "merge")))
      (func (export "keep") (param "a" (own $counter)) (canon lift (core func $glue "keep")))
      (func (export "kept") (result (own $counter)) (canon lift (core func $glue "kept")))
      (func (export "numbers") (param "count" u32) (result (list (own $counter)))
        (canon lift (core func $glue "list") (memory (core memory $heap "memory"))))
      (func (export "drops") (result u32) (canon lift (core func $glue "drops")))
      (func (export "last") (result s32) (canon lift (core func $glue "last"))))
  WAT
  INTERFACE = "test:guest/counters@1.0.0"
  # The same, exported as an interface.
  COUNTERS_INTERFACE = <<~WAT.freeze
    (component
      #{COUNTERS.sub('(component', '(component $counters').gsub("\n", "\n  ").strip}
      (instance $instance (instantiate $counters))
      (export "#{INTERFACE}" (instance $instance)))
  WAT

  FILES = "test:host/files@1.0.0"
  # The resource `file` is the host's. The guest keeps one, gives it back, lends it, and forgets to drop what it borrowed.
  USER = <<~WAT.freeze
    (component
      (import "#{FILES}" (instance $files
        (export "file" (type $file (sub resource)))
        (export "[constructor]file" (func (param "id" u32) (result (own $file))))
        (export "[method]file.id" (func (param "self" (borrow $file)) (result u32)))
        (export "take" (func (param "file" (own $file)) (result u32)))))
      (alias export $files "file" (type $file))
      (core func $drop (canon resource.drop $file))
      (core func $open (canon lower (func $files "[constructor]file")))
      (core func $id (canon lower (func $files "[method]file.id")))
      (core func $take (canon lower (func $files "take")))
      (core module $user
        (import "" "drop" (func $drop (param i32)))
        (import "" "open" (func $open (param i32) (result i32)))
        (import "" "id" (func $id (param i32) (result i32)))
        (import "" "take" (func $take (param i32) (result i32)))
        (global $kept (mut i32) (i32.const 0))
        (func (export "keep") (param i32) (global.set $kept (local.get 0)))
        (func (export "kept") (result i32) (global.get $kept))
        (func (export "drop-kept") (call $drop (global.get $kept)))
        (func (export "ask") (result i32) (call $id (global.get $kept)))
        (func (export "send") (result i32) (call $take (global.get $kept)))
        (func (export "look") (param i32) (result i32) (local $id i32)
          (local.set $id (call $id (local.get 0)))
          (call $drop (local.get 0))
          (local.get $id))
        (func (export "forget") (param i32))
        (func (export "open") (param i32) (result i32) (call $open (local.get 0)))
        (func (export "open-and-keep") (param i32) (global.set $kept (call $open (local.get 0))))
        (func (export "open-and-drop") (param i32) (call $drop (call $open (local.get 0)))))
      (core instance $user (instantiate $user (with "" (instance
        (export "drop" (func $drop)) (export "open" (func $open)) (export "id" (func $id)) (export "take" (func $take))))))
      (func (export "keep") (param "file" (own $file)) (canon lift (core func $user "keep")))
      (func (export "kept") (result (own $file)) (canon lift (core func $user "kept")))
      (func (export "drop-kept") (canon lift (core func $user "drop-kept")))
      (func (export "ask") (result u32) (canon lift (core func $user "ask")))
      (func (export "send") (result u32) (canon lift (core func $user "send")))
      (func (export "look") (param "file" (borrow $file)) (result u32) (canon lift (core func $user "look")))
      (func (export "forget") (param "file" (borrow $file)) (canon lift (core func $user "forget")))
      (func (export "open") (param "id" u32) (result (own $file)) (canon lift (core func $user "open")))
      (func (export "open-and-keep") (param "id" u32) (canon lift (core func $user "open-and-keep")))
      (func (export "open-and-drop") (param "id" u32) (canon lift (core func $user "open-and-drop"))))
  WAT
end
