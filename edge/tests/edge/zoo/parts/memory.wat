(memory (export "memory") 16)
;; Where the next thing goes; a call starts again at the bottom.
(global $next (mut i32) (i32.const 4096))
