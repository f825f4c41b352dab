;; Makes a table grow for ever.
(table $table 1 funcref)
(func (export "load") (param i32 i32) (result i32)
  (loop $again
    (drop (table.grow $table (ref.null func) (i32.const 10000)))
    (br $again))
  (unreachable))
