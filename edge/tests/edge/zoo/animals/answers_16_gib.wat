;; Answers a list whose length in bytes does not fit 32 bits.
(func (export "predict") (param i32 i32) (result i32)
  (i32.store (i32.const 64) (i32.const 0))
  (i32.store (i32.const 68) (i32.const 96))
  (i32.store (i32.const 72) (i32.const 0x40000001))
  (f32.store (i32.const 96) (f32.const 1.0))
  (i32.const 64))
