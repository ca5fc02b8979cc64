;; Texts and bytes that are no components.

(assert_malformed (component quote "(func") "expected `(`")
(assert_malformed (component quote "(nonsense)") "expected valid component field")
(assert_malformed (component quote "(import \"f\" (func $f)) (export \"g\" (func $g))") "unknown func: failed to find name `$g`")
(assert_malformed (component quote "(import \"f\" (func (param \"x\" u7)))") "unexpected token")
(assert_malformed (component quote "(core module (func (i32.cons 1)))") "unknown operator or unexpected token")
(assert_malformed (component quote "\"") "unexpected end-of-file")

(assert_malformed (component binary "") "magic header not detected")
(assert_malformed (component binary "\00as") "magic header not detected")
(assert_malformed (component binary "\00asm" "\0d") "unexpected end")
;; A version before this one, and one that is to come.
(assert_malformed (component binary "\00asm" "\0c\00\01\00") "unknown binary version")
(assert_malformed (component binary "\00asm" "\0d\00\02\00") "unknown binary version")
;; A section that goes on after the end, and one there is none of.
(assert_malformed (component binary "\00asm" "\0d\00\01\00" "\01\08\00asm") "is out of bounds")
(assert_malformed (component binary "\00asm" "\0d\00\01\00" "\7f\00") "malformed section id")
;; A type that is none.
(assert_malformed (component binary "\00asm" "\0d\00\01\00" "\07\02\01\00") "invalid leading byte")
