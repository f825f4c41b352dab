;; Asks for 4 GiB.
(func (export "load") (param i32 i32) (result i32) (memory.grow (i32.const 65000)))
