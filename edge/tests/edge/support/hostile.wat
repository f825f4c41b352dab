  (core module $code
    ;;MEMORY
    (global $next (mut i32) (i32.const 4096))
    (global $count (mut i32) (i32.const 0))
    (global $robust (mut i32) (i32.const 0))
    (data (i32.const 128) "line one\nline two")

    (func (export "realloc") (param i32 i32 i32) (param $size i32) (result i32)
      (local $at i32)
      (local.set $at (i32.and (i32.add (global.get $next) (i32.const 15)) (i32.const -16)))
      (global.set $next (i32.add (local.get $at) (local.get $size)))
      (local.get $at))

    (func $recurse (result i32) (i32.add (call $recurse) (i32.const 1)))

    (func (export "load") (param $onnx i32) (param $length i32) (result i32)
      (local $kind i32)
      (local.set $kind (i32.load8_u (local.get $onnx)))
      (global.set $robust (i32.eq (local.get $kind) (i32.const 82)))
      (if (i32.eq (local.get $kind) (i32.const 76)) (then (loop $again (br $again))))
      ;; ok(specification { 1, 1, 1 })
      (i32.store (i32.const 32) (i32.const 0))
      (i32.store (i32.const 36) (i32.const 1))
      (i32.store (i32.const 40) (i32.const 1))
      (i32.store (i32.const 44) (i32.const 1))
      (if (i32.eq (local.get $kind) (i32.const 90)) (then (i32.store (i32.const 36) (i32.const 0))))
      (if (i32.eq (local.get $kind) (i32.const 69)) (then
        ;; err(bad-model(text))
        (i32.store (i32.const 32) (i32.const 1))
        (i32.store (i32.const 36) (i32.const 0))
        (i32.store (i32.const 40) (i32.const 128))
        (i32.store (i32.const 44) (i32.const 17))))
      (i32.const 32))

    (func (export "predict") (param $windows i32) (param $length i32) (result i32)
      (local $kind i32)
      (local.set $kind (i32.trunc_sat_f32_s (f32.load (local.get $windows))))
      (if (global.get $robust) (then (local.set $kind (i32.const 1))))
      (if (i32.eq (local.get $kind) (i32.const 2)) (then (loop $again (br $again))))
      (if (i32.eq (local.get $kind) (i32.const 3)) (then
        (if (i32.eq (memory.grow (i32.const 65000)) (i32.const -1)) (then (unreachable)))))
      (if (i32.eq (local.get $kind) (i32.const 4)) (then (unreachable)))
      (if (i32.eq (local.get $kind) (i32.const 8)) (then (drop (call $recurse))))
      (global.set $count (i32.add (global.get $count) (i32.const 1)))
      ;; ok([count])
      (i32.store (i32.const 64) (i32.const 0))
      (i32.store (i32.const 68) (i32.const 96))
      (i32.store (i32.const 72) (i32.const 1))
      (f32.store (i32.const 96) (f32.convert_i32_s (global.get $count)))
      (if (i32.eq (local.get $kind) (i32.const 5)) (then (i32.store (i32.const 72) (i32.const 3))))
      (if (i32.eq (local.get $kind) (i32.const 6)) (then
        (i32.store (i32.const 68) (i32.const -16))
        (i32.store (i32.const 72) (i32.const 1000))))
      (if (i32.eq (local.get $kind) (i32.const 7)) (then (f32.store (i32.const 96) (f32.const nan))))
      (i32.const 64))

    ;;START
  )
