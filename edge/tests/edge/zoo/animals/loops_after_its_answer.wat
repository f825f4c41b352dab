;; Answers, then never tidies up.
(func (export "after") (param i32) (loop $again (br $again)))
