;; Uses a proposal that is off: tail calls.
(func $again (param i32 i32) (result i32) (return_call $again (local.get 0) (local.get 1)))
(func (export "predict") (param i32 i32) (result i32) (call $again (local.get 0) (local.get 1)))
