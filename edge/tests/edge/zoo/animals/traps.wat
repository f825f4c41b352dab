;; Gives up.
(func (export "predict") (param i32 i32) (result i32) (unreachable))
