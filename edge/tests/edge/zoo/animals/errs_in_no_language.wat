;; Refuses the model with a text that is no UTF-8.
(data (i32.const 128) "\ff\fe\80")
(func (export "load") (param i32 i32) (result i32)
  (i32.store (i32.const 32) (i32.const 1))
  (i32.store (i32.const 36) (i32.const 0))
  (i32.store (i32.const 40) (i32.const 128))
  (i32.store (i32.const 44) (i32.const 3))
  (i32.const 32))
