;; Wants a table of ten million functions.
(table 10000000 funcref)
