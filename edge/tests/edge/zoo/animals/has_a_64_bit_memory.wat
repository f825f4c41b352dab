;; Has a memory of 64-bit addresses.
(memory (export "memory") i64 16)
(global $next (mut i32) (i32.const 4096))
