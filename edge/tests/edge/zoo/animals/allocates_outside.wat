;; Gives the host room outside of its memory.
(func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const -16))
