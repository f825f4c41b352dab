;; Says that it takes more than there is.
(func (export "load") (param i32 i32) (result i32)
  (i32.store (i32.const 36) (i32.const -1))
  (i32.store (i32.const 40) (i32.const -1))
  (i32.store (i32.const 44) (i32.const -1))
  (i32.const 32))
