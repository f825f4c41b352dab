(component
;;INSIDE

  (core instance $core (instantiate $code))
  (alias core export $core "memory" (core memory $memory))
  (alias core export $core "realloc" (core func $realloc))
  (alias core export $core "load" (core func $load-core))
  (alias core export $core "predict" (core func $predict-core))
;;ALIAS

  (type $specification (record (field "window-length" u32) (field "features" u32) (field "outputs" u32)))
  (type $error (variant
    (case "bad-model" string) (case "unsupported-operator" string)
    (case "wrong-shape" string) (case "not-finite" string)))

  (func $load (param "onnx" (list u8)) (result (result $specification (error $error)))
    (canon lift (core func $load-core) (memory (core memory $memory)) (realloc (core func $realloc))))
  (func $predict (param "windows" (list f32)) (result (result (list f32) (error $error)))
    (canon lift (core func $predict-core) (memory (core memory $memory)) (realloc (core func $realloc)) ;;AFTER
    ))

  ;; An exported function may only name types that are exported beside it.
  (component $interface
    (type $specification-in (record (field "window-length" u32) (field "features" u32) (field "outputs" u32)))
    (import "specification-in" (type $s-in (eq $specification-in)))
    (type $error-in (variant
      (case "bad-model" string) (case "unsupported-operator" string)
      (case "wrong-shape" string) (case "not-finite" string)))
    (import "error-in" (type $e-in (eq $error-in)))
    (import "load-in" (func $load-in (param "onnx" (list u8)) (result (result $s-in (error $e-in)))))
    (import "predict-in" (func $predict-in (param "windows" (list f32)) (result (result (list f32) (error $e-in)))))
    (export $s "specification" (type $specification-in))
    (export $e "error" (type $error-in))
    (export "load" (func $load-in) (func (param "onnx" (list u8)) (result (result $s (error $e)))))
    (export "predict" (func $predict-in) (func (param "windows" (list f32)) (result (result (list f32) (error $e))))))
  (instance $model (instantiate $interface
    (with "specification-in" (type $specification))
    (with "error-in" (type $error))
    (with "load-in" (func $load))
    (with "predict-in" (func $predict))))
  (export "overhaul:inference/model@0.1.0" (instance $model))
)
