;; Answers a result that is neither ok nor an error.
(func (export "predict") (param i32 i32) (result i32)
  (i32.store (i32.const 64) (i32.const 7))
  (i32.const 64))
