;; Asks for one page after another, and writes to each.
(func (export "load") (param i32 i32) (result i32)
  (loop $again
    (i32.store8 (i32.sub (i32.shl (memory.size) (i32.const 16)) (i32.const 1)) (i32.const 1))
    (drop (memory.grow (i32.const 1)))
    (br $again))
  (unreachable))
