;; Has a memory for threads.
(memory (export "memory") 16 16 shared)
(global $next (mut i32) (i32.const 4096))
