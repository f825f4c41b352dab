;; Wants 4 GiB from the start.
(memory (export "memory") 65536)
(global $next (mut i32) (i32.const 4096))
