;; Types within types within types: each place a value may be in, with a right value and with a wrong one.

(component definition $nested
  (core module $m
    (memory (export "memory") 1)
    (global $end (mut i32) (i32.const 1024))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (local $at i32)
      (local.set $at (i32.and (i32.add (global.get $end) (i32.const 7)) (i32.const -8)))
      (global.set $end (i32.add (local.get $at) (local.get 3)))
      (local.get $at))
    ;; Two values, as all that is a list comes.
    (func (export "list") (param i32 i32) (result i32)
      (i32.store (i32.const 16) (local.get 0))
      (i32.store (i32.const 20) (local.get 1))
      (i32.const 16))
    ;; A list within an option, a result or a variant: a small number before it.
    (func (export "tagged") (param i32 i32 i32) (result i32)
      (i32.store8 (i32.const 32) (local.get 0))
      (i32.store (i32.const 36) (local.get 1))
      (i32.store (i32.const 40) (local.get 2))
      (i32.const 32)))
  (core instance $i (instantiate $m))
  (alias core export $i "memory" (core memory $memory))
  (alias core export $i "realloc" (core func $realloc))
  (alias core export $i "list" (core func $list))
  (alias core export $i "tagged" (core func $tagged))
  (type $item-definition (record (field "key" string) (field "value" (option char))))
  (export $item "item" (type $item-definition))
  (type $node-definition (variant (case "none") (case "items" (list $item)) (case "pair" (tuple string (list u8)))))
  (export $node "node" (type $node-definition))
  (type $rights-definition (flags "r" "w"))
  (export $rights "rights" (type $rights-definition))
  (type $color-definition (enum "red" "blue"))
  (export $color "color" (type $color-definition))
  (func (export "items") (param "x" (list $item)) (result (list $item))
    (canon lift (core func $list) (memory (core memory $memory)) (realloc (core func $realloc))))
  (func (export "nodes") (param "x" (list $node)) (result (list $node))
    (canon lift (core func $list) (memory (core memory $memory)) (realloc (core func $realloc))))
  (func (export "results") (param "x" (list (result (tuple $rights $color) (error (list string))))) (result (list (result (tuple $rights $color) (error (list string)))))
    (canon lift (core func $list) (memory (core memory $memory)) (realloc (core func $realloc))))
  (func (export "option") (param "x" (option (list (option $item)))) (result (option (list (option $item))))
    (canon lift (core func $tagged) (memory (core memory $memory)) (realloc (core func $realloc))))
  (func (export "result") (param "x" (result (list $node) (error (list (list u16))))) (result (result (list $node) (error (list (list u16)))))
    (canon lift (core func $tagged) (memory (core memory $memory)) (realloc (core func $realloc))))
  ;; Numbers as what they are not: an item's option is a number and a character, a color a number.
  (type $raw-definition (record (field "key" string) (field "some" u8) (field "value" u32)))
  (export $raw "raw" (type $raw-definition))
  (func (export "raw-items") (param "x" (list $raw)) (result (list $item))
    (canon lift (core func $list) (memory (core memory $memory)) (realloc (core func $realloc))))
  (func (export "raw-colors") (param "x" (list (tuple u8 u8))) (result (list (tuple $rights $color)))
    (canon lift (core func $list) (memory (core memory $memory)) (realloc (core func $realloc))))
  (func (export "raw-texts") (param "x" (option (list (list u8)))) (result (option (list string)))
    (canon lift (core func $tagged) (memory (core memory $memory)) (realloc (core func $realloc)))))

(component instance $i $nested)
(assert_return
  (invoke "items" (list.const
    (record.const (field "key" str.const "ä") (field "value" option.some (char.const "日")))
    (record.const (field "key" str.const "") (field "value" option.none))))
  (list.const
    (record.const (field "key" str.const "ä") (field "value" option.some (char.const "日")))
    (record.const (field "key" str.const "") (field "value" option.none))))
(assert_return
  (invoke "nodes" (list.const
    (variant.const "none")
    (variant.const "items" (list.const (record.const (field "key" str.const "k") (field "value" option.none))))
    (variant.const "pair" (tuple.const (str.const "t") (list.const (u8.const 1) (u8.const 2))))))
  (list.const
    (variant.const "none")
    (variant.const "items" (list.const (record.const (field "key" str.const "k") (field "value" option.none))))
    (variant.const "pair" (tuple.const (str.const "t") (list.const (u8.const 1) (u8.const 2))))))
(assert_return
  (invoke "results" (list.const
    (result.ok (tuple.const (flags.const "w") (enum.const "blue"))) (result.err (list.const (str.const "a") (str.const "")))))
  (list.const
    (result.ok (tuple.const (flags.const "w") (enum.const "blue"))) (result.err (list.const (str.const "a") (str.const "")))))
(assert_return (invoke "option" (option.none)) (option.none))
(assert_return (invoke "option" (option.some (list.const))) (option.some (list.const)))
(assert_return
  (invoke "option" (option.some (list.const
    (option.none) (option.some (record.const (field "key" str.const "k") (field "value" option.some (char.const "v")))))))
  (option.some (list.const
    (option.none) (option.some (record.const (field "key" str.const "k") (field "value" option.some (char.const "v")))))))
(assert_return (invoke "result" (result.err (list.const (list.const (u16.const 1)) (list.const)))) (result.err (list.const (list.const (u16.const 1)) (list.const))))
(assert_return (invoke "result" (result.ok (list.const (variant.const "none")))) (result.ok (list.const (variant.const "none"))))

(assert_return
  (invoke "raw-items" (list.const (record.const (field "key" str.const "k") (field "some" u8.const 1) (field "value" u32.const 97))))
  (list.const (record.const (field "key" str.const "k") (field "value" option.some (char.const "a")))))
(assert_return (invoke "raw-colors" (list.const (tuple.const (u8.const 0xff) (u8.const 1)))) (list.const (tuple.const (flags.const "r" "w") (enum.const "blue"))))
(assert_return (invoke "raw-texts" (option.some (list.const (list.const (u8.const 0x61)) (list.const)))) (option.some (list.const (str.const "a") (str.const ""))))

(assert_trap
  (invoke "raw-items" (list.const (record.const (field "key" str.const "k") (field "some" u8.const 1) (field "value" u32.const 0xd800))))
  "converted integer out of range for `char`")
(component instance $i $nested)
(assert_trap
  (invoke "raw-items" (list.const (record.const (field "key" str.const "k") (field "some" u8.const 2) (field "value" u32.const 97))))
  "discriminant 2 out of range [0..2)")
(component instance $i $nested)
(assert_trap (invoke "raw-colors" (list.const (tuple.const (u8.const 0) (u8.const 0)) (tuple.const (u8.const 0) (u8.const 9))))
  "discriminant 9 out of range [0..2)")
(component instance $i $nested)
(assert_trap (invoke "raw-texts" (option.some (list.const (list.const (u8.const 0x61)) (list.const (u8.const 0xff)))))
  "invalid utf-8 sequence")
