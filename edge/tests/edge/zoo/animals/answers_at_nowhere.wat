;; Its answer itself lies outside of its memory.
(func (export "predict") (param i32 i32) (result i32) (i32.const -4))
